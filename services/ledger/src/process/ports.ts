import type { LogEntry } from '../domain/command.ts';
import type { BatchKnowledge } from '../domain/decide-batch.ts';
import type { LogMessage } from '../log/parse-entry.ts';
import type { BatchWrites } from '../store/write-batch.ts';

/** A message of the log up to which everything on a lane is decided; the message itself may be another lane's. */
export interface Cursor {
  readonly seq: number;
  readonly messageId: string | null;
  readonly timeMs: number | null;
}

/** How far a lane's transactions have been published as events. */
export interface PublishedMark {
  readonly streamEpoch: number;
  readonly streamSeq: number;
  /** Time of the last one published; null: as stored before. Infinity: nothing is left to publish now. */
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

/** What an owner says of a lane when it moves, renews or releases it. */
export interface LaneState {
  readonly lane: number;
  readonly epoch: number;
  readonly cursor: Cursor;
  readonly published: PublishedMark;
}

export type CursorMove = Pick<LaneState, 'lane' | 'epoch' | 'cursor'>;

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
  /** Moves the cursors, then loads. Throws DeposedError if a lane has another epoch by now. */
  openBatch(moves: readonly CursorMove[], entries: readonly LogEntry[]): Promise<OpenBatch>;
  /** Ends a batch that failed in between. */
  rollback(): Promise<void>;
  /** Says "I live", renews the leases and moves idle lanes' cursors; returns what is still owned. */
  renew(lanes: readonly LaneState[]): Promise<Renewal>;
  /** Takes up to `atMost` lanes that nobody holds, `held` ones apart. */
  claim(atMost: number, held: readonly number[]): Promise<LaneTitle[]>;
  release(lanes: readonly LaneState[]): Promise<void>;
  /** The process is gone: its share is free. */
  leave(): Promise<void>;
  /**
   * The log was rolled back: reads the lane from its first message again, under a new stream epoch, and counts as announced
   * only what was decided before `announcedToMs`.
   */
  raiseStreamEpoch(lane: number, epoch: number, announcedToMs: number): Promise<LaneTitle>;
}

export interface Renewal {
  readonly lanes: ReadonlySet<number>;
  /** Ledger processes alive, this one included. */
  readonly processes: number;
}

/** The command log, as a ledger process needs it. */
export interface CommandLog {
  /** Delivers all messages after a sequence, in order, until stopped; waits while `deliver` does. Tells when it `broke`. */
  read(
    afterSeq: number,
    deliver: (message: LogMessage) => Promise<void> | undefined,
    broke?: () => void,
  ): LogReader;
  /** Whether the log still holds at the cursor what was read there (or has trimmed it). */
  holds(cursor: Cursor): Promise<boolean>;
  /** Sequence of the last message; 0 if there is none. */
  lastSeq(): Promise<number>;
  /** Sequence of the first message that it still holds, or will. */
  firstSeq(): Promise<number>;
}

export interface LogReader {
  /** Set when the reader ended by itself: it must be replaced. */
  readonly broken: boolean;
  stop(): void;
}
