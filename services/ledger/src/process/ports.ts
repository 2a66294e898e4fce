import type { LogEntry } from '../domain/command.ts';
import type { BatchKnowledge } from '../domain/decide-batch.ts';
import type { LogMessage } from '../log/parse-entry.ts';
import type { BatchWrites } from '../store/write-batch.ts';

/** The last entry of a lane that was decided. */
export interface Cursor {
  readonly seq: number;
  readonly messageId: string | null;
  readonly timeMs: number | null;
}

/** How far a lane's transactions have been published as events. */
export interface PublishedMark {
  readonly streamEpoch: number;
  readonly streamSeq: number;
  /** Time of the last one published; null before the first. */
  readonly atMs: number | null;
}

/** A lane as its owner took it over. */
export interface LaneTitle {
  readonly lane: number;
  /** The fence: raised by every change of ownership. */
  readonly epoch: number;
  readonly streamEpoch: number;
  readonly cursor: Cursor;
  readonly published: PublishedMark;
}

export interface CursorMove {
  readonly lane: number;
  readonly epoch: number;
  readonly cursor: Cursor;
}

/** A batch whose cursors are moved and whose lanes are locked, not yet committed. */
export interface OpenBatch {
  readonly knowledge: BatchKnowledge;
  /** Writes and commits; throws if either fails. */
  commit(writes: BatchWrites): Promise<void>;
}

/**
 * The database, as a ledger process needs it. Every method may throw StoreUnavailableError: then nothing that the
 * process believes about its lanes holds any more.
 */
export interface LedgerStore {
  connect(): Promise<void>;
  close(): Promise<void>;
  /** Moves the cursors, then loads. Throws DeposedError if a lane has another epoch by now. Rolls back what throws. */
  openBatch(moves: readonly CursorMove[], entries: readonly LogEntry[]): Promise<OpenBatch>;
  rollback(): Promise<void>;
  /** Says "I live" and renews the leases; returns the lanes still owned and the number of living processes. */
  renew(titles: readonly { lane: number; epoch: number; published: PublishedMark }[]): Promise<Renewal>;
  /** Takes up to `atMost` lanes that nobody holds, `held` ones apart. */
  claim(atMost: number, held: readonly number[]): Promise<LaneTitle[]>;
  release(titles: readonly { lane: number; epoch: number; published: PublishedMark }[]): Promise<void>;
  /** The process is gone: its share is free. */
  leave(): Promise<void>;
  /** The log was rolled back: reads the lane from its first message again, under a new stream epoch. */
  raiseStreamEpoch(lane: number, epoch: number): Promise<LaneTitle>;
}

export interface Renewal {
  readonly lanes: ReadonlySet<number>;
  readonly processes: number;
}

/** The command log, as a ledger process needs it. */
export interface CommandLog {
  /** Delivers the lane's messages after a sequence, in order, until stopped; waits while `deliver` does. */
  read(lane: number, afterSeq: number, deliver: (message: LogMessage) => Promise<void>): LaneReader;
  /** Whether the log still holds at the cursor what was decided there (or has trimmed it). */
  holds(lane: number, cursor: Cursor): Promise<boolean>;
  /** Sequence of the lane's last message; 0 if it has none. */
  lastSeq(lane: number): Promise<number>;
}

export interface LaneReader {
  /** Set when the reader ended by itself: it must be replaced. */
  readonly broken: boolean;
  stop(): Promise<void>;
}
