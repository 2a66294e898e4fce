import type { LogEntry } from '../domain/command.ts';
import type { Cursor, CursorMove, LaneTitle } from './ports.ts';

/** Entries held in memory; the reader waits beyond that. */
const BUFFER_LIMIT = 2_048;

/** The lanes of this process, and what was read for them and is not yet decided, in the order of the log. */
export class OwnedLanes {
  readonly #titles = new Map<number, LaneTitle>();
  #buffer: LogEntry[] = [];
  #next = 0;
  /** The last batch: in hand until the cursors have moved over it. */
  #taken: readonly LogEntry[] = [];
  #arrived = Promise.withResolvers<void>();
  #resume: (() => void) | null = null;

  get size(): number {
    return this.#titles.size;
  }

  /** Entries read and not yet taken. */
  get waiting(): number {
    return this.#buffer.length - this.#next;
  }

  all(): LaneTitle[] {
    return [...this.#titles.values()];
  }

  get(lane: number): LaneTitle | undefined {
    return this.#titles.get(lane);
  }

  set(title: LaneTitle): void {
    this.#titles.set(title.lane, title);
  }

  /** Lets a lane go, with what was read for it. */
  remove(lane: number): void {
    this.#titles.delete(lane);
    this.#buffer = this.#buffer.slice(this.#next).filter((entry) => entry.lane !== lane);
    this.#next = 0;
    this.#makeRoom();
  }

  /** Forgets what was read and not decided, and lets a waiting reader go. */
  discard(): void {
    this.#taken = [];
    this.#buffer = [];
    this.#next = 0;
    this.#makeRoom();
  }

  /** Adds an entry; a promise is returned, and held, while the buffer is full. */
  push(entry: LogEntry): Promise<void> | undefined {
    this.#buffer.push(entry);
    this.#arrived.resolve();
    if (this.waiting < BUFFER_LIMIT) return undefined;
    const room = Promise.withResolvers<void>();
    this.#resume = room.resolve;
    return room.promise;
  }

  /** Resolves when an entry is there to be taken. */
  arrival(): Promise<void> {
    if (this.waiting > 0) return Promise.resolve();
    this.#arrived = Promise.withResolvers<void>();
    return this.#arrived.promise;
  }

  /** Takes up to `limit` entries. */
  take(limit: number): LogEntry[] {
    const batch = this.#buffer.slice(this.#next, this.#next + limit);
    this.#next += batch.length;
    if (this.#next === this.#buffer.length || this.#next >= BUFFER_LIMIT) {
      this.#buffer = this.#buffer.slice(this.#next);
      this.#next = 0;
    }
    this.#taken = batch;
    this.#makeRoom();
    return batch;
  }

  /**
   * When the log stored the oldest entry of each lane that is not decided, taken or not. A pass over all that is in
   * memory: for whoever looks now and then.
   */
  oldestByLane(): Map<number, number> {
    const oldest = new Map<number, number>();
    const note = ({ lane, timeMs, streamSeq }: LogEntry) => {
      const title = this.#titles.get(lane);
      if (title && streamSeq > title.cursor.seq && !oldest.has(lane)) oldest.set(lane, timeMs);
    };
    this.#taken.forEach(note);
    for (let index = this.#next; index < this.#buffer.length; index++) note(this.#buffer[index]!);
    return oldest;
  }

  /** The cursor moves of a batch: each lane's last entry. Null if a lane is not owned as it was when it was read. */
  movesOf(batch: readonly LogEntry[]): CursorMove[] | null {
    const last = new Map<number, LogEntry>();
    for (const entry of batch) last.set(entry.lane, entry);
    const moves: CursorMove[] = [];
    for (const entry of last.values()) {
      const title = this.#titles.get(entry.lane);
      if (title?.streamEpoch !== entry.streamEpoch) return null;
      moves.push({ lane: entry.lane, epoch: title.epoch, cursor: cursorAt(entry) });
    }
    return moves;
  }

  /** The batch is committed: the cursors stand there now. */
  moved(moves: readonly CursorMove[]): void {
    for (const { lane, cursor } of moves) this.#advance(lane, cursor);
  }

  /** Everything of all owned lanes up to there is decided: idle lanes move along, so that none is read again from afar. */
  allDecidedTo(cursor: Cursor): void {
    for (const lane of this.#titles.keys()) this.#advance(lane, cursor);
  }

  #advance(lane: number, cursor: Cursor): void {
    const title = this.#titles.get(lane);
    if (title && cursor.seq > title.cursor.seq) this.#titles.set(lane, { ...title, cursor });
  }

  #makeRoom(): void {
    if (this.waiting >= BUFFER_LIMIT / 2) return;
    this.#resume?.();
    this.#resume = null;
  }
}

export const cursorAt = (entry: LogEntry): Cursor => ({
  seq: entry.streamSeq,
  messageId: entry.messageId,
  timeMs: entry.timeMs,
});
