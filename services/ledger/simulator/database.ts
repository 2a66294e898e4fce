import type { LogEntry } from '../src/domain/command.ts';
import type { Cursor, LaneTitle, PublishedMark } from '../src/process/ports.ts';
import type { BatchWrites } from '../src/store/write-batch.ts';
import { Books, refill } from './books.ts';
import type { World } from './world.ts';

export interface LaneRow {
  readonly lane: number;
  epoch: number;
  owner: string | null;
  leaseUntilMs: number;
  streamEpoch: number;
  cursor: Cursor;
  published: PublishedMark;
  comparedEpoch: number;
  replayUntil: number;
  replayAliveMs: number;
  /** The transaction that has locked the row. */
  lockedBy: DatabaseTransaction | null;
}

export interface DatabaseTransaction {
  readonly moves: readonly { lane: number; epoch: number; cursor: Cursor }[];
  readonly entries: readonly LogEntry[];
  readonly locked: LaneRow[];
}

/** One connection, as the server sees it. It may live longer than its client. */
export interface Backend {
  readonly client: string;
  open: boolean;
  transaction: DatabaseTransaction | null;
  lastArrivalMs: number;
}

export interface Unexecuted {
  readonly publication: string;
  readonly reason: string;
}

export const PUBLICATION = 'Publication';
/** Which publication of which command an entry is. */
export const publicationOf = (entry: LogEntry): string =>
  entry.raw().headers.find(([name]) => name === PUBLICATION)?.[1] ?? '?';

/** PostgreSQL as the ledger uses it: the tables, row locks on lanes, and transactions that stand or fall. */
export class Database {
  readonly books = new Books();
  readonly lanes: LaneRow[];
  readonly leases = new Map<string, number>();
  readonly backends = new Set<Backend>();
  /** Expirations and dead letters. */
  readonly unexecuted: Unexecuted[] = [];
  /** By transaction id: the publication that it executed. */
  readonly causes = new Map<string, string>();
  /** What the lanes' rows said that they must never say. */
  readonly suspicions: string[] = [];
  up = true;
  /** A pooler lets nobody through: requests wait. */
  paused = false;
  readonly #world: World;
  /** How far its clock is off. */
  readonly skewMs: number;

  constructor(world: World, lanes: number) {
    this.#world = world;
    this.skewMs = world.random.between(-3_000, 3_000);
    this.lanes = Array.from({ length: lanes }, (_, lane) => ({
      lane,
      epoch: 0,
      owner: null,
      leaseUntilMs: 0,
      streamEpoch: 1,
      lockedBy: null,
      comparedEpoch: -1,
      replayUntil: 0,
      replayAliveMs: 0,
      cursor: { seq: 0, messageId: null, timeMs: null },
      published: { streamEpoch: 1, streamSeq: 0, atMs: null },
    }));
  }

  get nowMs(): number {
    return this.#world.now + this.skewMs;
  }

  /** Returns what puts everything that is committed now in the place of what will be. */
  copy(): () => void {
    const books = this.books.copy();
    const lanes = this.lanes.map(({ lockedBy: _, ...row }) => row);
    const [leases, causes, unexecuted] = [[...this.leases], [...this.causes], [...this.unexecuted]];
    return () => {
      books();
      for (const [lane, row] of this.lanes.entries()) Object.assign(row, lanes[lane]);
      refill(this.leases, leases);
      refill(this.causes, causes);
      this.unexecuted.splice(0, Number.POSITIVE_INFINITY, ...unexecuted);
    };
  }

  begin(backend: Backend, transaction: Omit<DatabaseTransaction, 'locked'>): DatabaseTransaction {
    backend.transaction = { ...transaction, locked: [] };
    return backend.transaction;
  }

  lock(row: LaneRow, transaction: DatabaseTransaction): void {
    row.lockedBy = transaction;
    transaction.locked.push(row);
  }

  end(backend: Backend): void {
    for (const row of backend.transaction?.locked ?? []) row.lockedBy = null;
    backend.transaction = null;
  }

  /** The backend is gone; what it had not committed never was. */
  disconnect(backend: Backend): void {
    backend.open = false;
    this.end(backend);
    this.backends.delete(backend);
  }

  /** Throws ConstraintError; then nothing of it was done. */
  commit(backend: Backend, writes: BatchWrites, leaseMs: number): void {
    const transaction = backend.transaction!;
    this.end(backend);
    try {
      this.books.apply(writes);
    } catch (error) {
      this.suspicions.push(`the schema had to refuse a batch: ${(error as Error).message}`);
      throw error;
    }
    for (const move of transaction.moves) this.#move(move, leaseMs);
    const at = new Map(transaction.entries.map((entry) => [entry.streamSeq, entry]));
    for (const { id, streamSeq } of writes.transactions)
      this.causes.set(id, publicationOf(at.get(streamSeq)!));
    for (const command of writes.expired)
      this.unexecuted.push({ publication: publicationOf(command), reason: 'EXPIRED' });
    for (const { entry, reason } of writes.dead)
      this.unexecuted.push({ publication: publicationOf(entry), reason });
  }

  #move({ lane, epoch, cursor }: DatabaseTransaction['moves'][number], leaseMs: number): void {
    const row = this.lanes[lane]!;
    if (row.epoch !== epoch) this.suspicions.push(`lane ${lane} was moved under the dead epoch ${epoch}`);
    this.advance(row, cursor);
    row.leaseUntilMs = this.nowMs + leaseMs;
  }

  /** Sets a cursor; within a stream epoch it never goes back. */
  advance(row: LaneRow, cursor: Cursor): void {
    if (cursor.seq < row.cursor.seq)
      this.suspicions.push(
        `the cursor of lane ${row.lane} went back from ${row.cursor.seq} to ${cursor.seq}`,
      );
    row.cursor = cursor;
  }

  publishedTo(row: LaneRow, mark: PublishedMark): void {
    const { streamEpoch, streamSeq } = row.published;
    if (mark.streamEpoch < streamEpoch || (mark.streamEpoch === streamEpoch && mark.streamSeq < streamSeq))
      this.suspicions.push(
        `the published mark of lane ${row.lane} went back from ${streamSeq} to ${mark.streamSeq}`,
      );
    const atMs = mark.atMs === Number.POSITIVE_INFINITY ? this.nowMs : mark.atMs;
    row.published = { ...mark, atMs: atMs ?? row.published.atMs };
  }

  titleOf = ({ lane, epoch, streamEpoch, cursor, published }: LaneRow): LaneTitle => ({
    lane,
    epoch,
    streamEpoch,
    cursor,
    published,
  });
}
