import type { Command, LogEntry } from '../domain/command.ts';
import { type DecidedBatch, decideBatch } from '../domain/decide-batch.ts';
import { DeposedError, StoreUnavailableError, TooSlowError } from '../store/errors.ts';
import type { BatchWrites, DeadLetter } from '../store/write-batch.ts';
import type { CursorMove, LedgerStore } from './ports.ts';

export interface CommittedBatch extends DecidedBatch {
  readonly entries: readonly LogEntry[];
  readonly moves: readonly CursorMove[];
}

interface CommitOptions {
  readonly store: LedgerStore;
  readonly timeZone: string;
  /** The entries' cursor moves; null if a lane was lost meanwhile. */
  movesOf(entries: readonly LogEntry[]): CursorMove[] | null;
  /** Called for each committed part, in order. */
  committed(batch: CommittedBatch): void;
  failed(error: unknown, entries: readonly LogEntry[], attempt: number): void;
  pause(attempt: number): Promise<void>;
}

/**
 * Attempts at a batch that PostgreSQL refuses, before it is halved to find the command at fault, and at that command
 * before it is given up. What is in between is tried once: the lanes stand still meanwhile.
 */
const ATTEMPTS = 3;

/**
 * Decides and commits entries in order: as one batch if PostgreSQL takes it; else in halves, down to the one command
 * that cannot be committed, which becomes a dead letter. Throws StoreUnavailableError, also when the database is too slow
 * for a single command, or DeposedError.
 */
export async function commitBatch(
  entries: readonly LogEntry[],
  options: CommitOptions,
  attempts = ATTEMPTS,
): Promise<void> {
  let failure: unknown;
  for (let attempt = 1; attempt <= attempts; attempt++) {
    try {
      options.committed(await commitOnce(entries, options));
      return;
    } catch (error) {
      if (error instanceof StoreUnavailableError || error instanceof DeposedError) throw error;
      failure = error;
      options.failed(error, entries, attempt);
      if (attempt < attempts) await options.pause(attempt);
    }
  }
  if (entries.length > 1) {
    const middle = Math.ceil(entries.length / 2);
    for (const half of [entries.slice(0, middle), entries.slice(middle)])
      await commitBatch(half, options, half.length === 1 ? ATTEMPTS : 1);
    return;
  }
  // A database that is slow for a while would make dead letters of good commands, one after another.
  if (failure instanceof TooSlowError) throw new StoreUnavailableError(failure.message, { cause: failure });
  const [entry] = entries;
  if (!entry || (entry.kind === 'unreadable' && entry.reason === 'FAILED')) throw failure;
  await commitBatch([unexecutable(entry, failure)], options);
}

const unexecutable = (entry: LogEntry, failure: unknown): LogEntry => ({
  kind: 'unreadable',
  lane: entry.lane,
  streamEpoch: entry.streamEpoch,
  streamSeq: entry.streamSeq,
  timeMs: entry.timeMs,
  source: entry.source,
  replyTo: entry.replyTo,
  messageId: entry.messageId,
  reason: 'FAILED',
  detail: String((failure as Error)?.message ?? failure).slice(0, 500),
  header: (name) => entry.header(name),
  raw: () => entry.raw(),
});

async function commitOnce(entries: readonly LogEntry[], options: CommitOptions): Promise<CommittedBatch> {
  const { store, timeZone } = options;
  const moves = options.movesOf(entries);
  if (!moves) throw new DeposedError('a lane of the batch is not ours any more');
  try {
    const open = await store.openBatch(moves, entries);
    const decided = decideBatch(entries, open.knowledge, timeZone);
    await open.commit(writesOf(entries, decided));
    return { ...decided, entries, moves };
  } catch (error) {
    if (!(error instanceof StoreUnavailableError)) await store.rollback();
    throw error;
  }
}

/** What a decided batch leaves behind. */
export function writesOf(entries: readonly LogEntry[], decided: DecidedBatch): BatchWrites {
  const expired: Command[] = [];
  const dead: DeadLetter[] = [];
  decided.decisions.forEach((decision, index) => {
    const entry = entries[index]!;
    if (decision.kind === 'expired') expired.push(entry as Command);
    if (decision.kind === 'dead' && !decision.again)
      dead.push({ entry, reason: decision.reason, detail: decision.detail });
  });
  return { transactions: decided.transactions, vendors: [...decided.vendors.values()], expired, dead };
}
