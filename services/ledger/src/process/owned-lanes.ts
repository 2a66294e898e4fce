import type { LogEntry } from '../domain/command.ts';
import type { CursorMove, LaneReader, LaneTitle } from './ports.ts';

/** Entries that a lane holds in memory; its reader waits beyond that. */
const BUFFER_LIMIT = 1_024;

/** A lane that this process owns: its title, its reader, and what was read and not yet decided. */
export interface OwnedLane {
  title: LaneTitle;
  reader: LaneReader | null;
  /** Entries in the order of the log; those before `next` are decided. */
  buffer: LogEntry[];
  next: number;
  /** Called when the buffer has room again. */
  resume: (() => void) | null;
  /** The lane's last sequence in the log when the buffer was last seen empty with more to come. */
  suspectSeq: number;
}

/** The lanes of this process, and the taking of batches from them in turn. */
export class OwnedLanes {
  readonly #lanes = new Map<number, OwnedLane>();
  #turn = 0;
  #waiting = 0;
  #arrived = Promise.withResolvers<void>();

  get size(): number {
    return this.#lanes.size;
  }

  /** Entries read and not yet taken. */
  get waiting(): number {
    return this.#waiting;
  }

  all(): OwnedLane[] {
    return [...this.#lanes.values()];
  }

  get(lane: number): OwnedLane | undefined {
    return this.#lanes.get(lane);
  }

  add(title: LaneTitle): OwnedLane {
    const lane = { title, reader: null, buffer: [], next: 0, resume: null, suspectSeq: 0 };
    this.#lanes.set(title.lane, lane);
    return lane;
  }

  remove(lane: number): void {
    const owned = this.#lanes.get(lane);
    if (!owned) return;
    this.discard(owned);
    this.#lanes.delete(lane);
  }

  /** Forgets what was read and not decided, and lets a waiting reader go. */
  discard(owned: OwnedLane): void {
    this.#waiting -= owned.buffer.length - owned.next;
    owned.buffer = [];
    owned.next = 0;
    owned.resume?.();
    owned.resume = null;
  }

  /** Adds an entry; the promise is held while the lane's buffer is full. */
  async push(owned: OwnedLane, entry: LogEntry): Promise<void> {
    owned.buffer.push(entry);
    this.#waiting++;
    this.#arrived.resolve();
    if (owned.buffer.length - owned.next < BUFFER_LIMIT) return;
    const room = Promise.withResolvers<void>();
    owned.resume = room.resolve;
    await room.promise;
  }

  /** Resolves when an entry is there to be taken. */
  arrival(): Promise<void> {
    if (this.#waiting > 0) return Promise.resolve();
    this.#arrived = Promise.withResolvers<void>();
    return this.#arrived.promise;
  }

  /** Takes up to `limit` entries, lane by lane in turn, so that no lane starves another. */
  take(limit: number): LogEntry[] {
    const batch: LogEntry[] = [];
    const lanes = this.all();
    for (let index = 0; index < lanes.length && batch.length < limit; index++) {
      const owned = lanes[(this.#turn + index) % lanes.length]!;
      const count = Math.min(limit - batch.length, owned.buffer.length - owned.next);
      for (let taken = 0; taken < count; taken++) batch.push(owned.buffer[owned.next++]!);
      this.#waiting -= count;
      compact(owned);
    }
    this.#turn = lanes.length === 0 ? 0 : (this.#turn + 1) % lanes.length;
    return batch;
  }

  /** The cursor moves of a batch: each lane's last entry. Null if a lane is not owned any more. */
  movesOf(batch: readonly LogEntry[]): CursorMove[] | null {
    const last = new Map<number, LogEntry>();
    for (const entry of batch) last.set(entry.lane, entry);
    const moves: CursorMove[] = [];
    for (const entry of last.values()) {
      const owned = this.#lanes.get(entry.lane);
      if (owned?.title.streamEpoch !== entry.streamEpoch) return null;
      const cursor = { seq: entry.streamSeq, messageId: entry.messageId, timeMs: entry.timeMs };
      moves.push({ lane: entry.lane, epoch: owned.title.epoch, cursor });
    }
    return moves;
  }

  /** The batch is committed: the cursors stand there now. */
  moved(moves: readonly CursorMove[]): void {
    for (const { lane, cursor } of moves) {
      const owned = this.#lanes.get(lane);
      if (owned) owned.title = { ...owned.title, cursor };
    }
  }
}

/** Drops the taken part of a buffer before it outgrows the rest, and lets the reader go on at half full. */
function compact(owned: OwnedLane): void {
  if (owned.next === owned.buffer.length || owned.next >= BUFFER_LIMIT) {
    owned.buffer = owned.buffer.slice(owned.next);
    owned.next = 0;
  }
  if (owned.resume && owned.buffer.length - owned.next < BUFFER_LIMIT / 2) {
    owned.resume();
    owned.resume = null;
  }
}
