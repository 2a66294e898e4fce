import { messageIdIn, parseMessageId, type Subjects } from '@b2b-charge/contracts';
import type { LogEntry } from '../domain/command.ts';
import { type LogMessage, parseEntry } from '../log/parse-entry.ts';
import type { OwnedLanes } from './owned-lanes.ts';
import type { CommandLog, Cursor, LogReader } from './ports.ts';
import type { Clock, Recovery } from './process-options.ts';

/** Between the end of a reader and the next one, lest they end one after the other without a pause. */
const REOPEN_MS = 250;
const START: Cursor = { seq: 0, messageId: null, timeMs: null };

/**
 * The process's one reading of the log: everything passes by, what is on an owned lane and beyond its cursor is kept.
 * One reader without a filter costs the server a fraction of one per lane (docs/adr/0004).
 */
export class LogReading {
  readonly #log: CommandLog;
  readonly #owned: OwnedLanes;
  readonly #recovery: Recovery;
  readonly #subjects: Subjects;
  readonly #lanes: number;
  readonly #phoneSaltKey: Buffer;
  readonly #clock: Clock;
  readonly #broke: () => void;
  #reader: LogReader | null = null;
  #last: LogMessage | null = null;
  #from = START;

  constructor(parts: {
    log: CommandLog;
    owned: OwnedLanes;
    recovery: Recovery;
    subjects: Subjects;
    lanes: number;
    phoneSaltKey: Buffer;
    clock: Clock;
    /** The reader ended by itself, a moment ago. */
    broke: () => void;
  }) {
    this.#clock = parts.clock;
    this.#broke = parts.broke;
    this.#recovery = parts.recovery;
    this.#log = parts.log;
    this.#owned = parts.owned;
    this.#subjects = parts.subjects;
    this.#lanes = parts.lanes;
    this.#phoneSaltKey = parts.phoneSaltKey;
  }

  get broken(): boolean {
    return this.#reader?.broken === true;
  }

  /** The last message that passed by, owned or not. */
  get position(): Cursor {
    return this.#last ? cursorOf(this.#last) : this.#from;
  }

  /** Begins anew after the lowest cursor of the owned lanes. */
  restart(): void {
    this.stop();
    this.#owned.discard();
    const cursors = this.#owned.all().map(({ cursor }) => cursor);
    if (cursors.length === 0) return;
    this.#from = cursors.reduce((lowest, cursor) => (cursor.seq < lowest.seq ? cursor : lowest));
    const reader = this.#log.read(
      this.#from.seq,
      (message) => (this.#reader === reader ? this.#receive(message) : undefined),
      () => void this.#afterEnd(reader),
    );
    this.#reader = reader;
  }

  stop(): void {
    this.#reader?.stop();
    this.#reader = null;
    this.#last = null;
    this.#from = START;
  }

  async #afterEnd(reader: LogReader): Promise<void> {
    await this.#clock.sleep(REOPEN_MS);
    if (this.#reader === reader) this.#broke();
  }

  #receive(message: LogMessage): Promise<void> | undefined {
    this.#last = message;
    const lane = this.#laneOf(message.subject);
    const title = this.#owned.get(lane);
    if (!title || message.streamSeq <= title.cursor.seq) return undefined;
    const { streamEpoch } = title;
    const reading = {
      lane,
      streamEpoch,
      lanes: this.#lanes,
      subjects: this.#subjects,
      phoneSaltKey: this.#phoneSaltKey,
    };
    return this.#owned.push(this.#dated(parseEntry(message, reading)));
  }

  /** What the database lost is decided as of then. */
  #dated(entry: LogEntry): LogEntry {
    if (entry.kind !== 'command') return entry;
    const asOfMs = this.#recovery.asOf(entry.lane, entry);
    return asOfMs === undefined ? entry : { ...entry, asOfMs };
  }

  /** Somebody must bury what stands on no lane: the owner of lane 0. */
  #laneOf(subject: string): number {
    const lane = this.#subjects.laneIn(subject);
    return lane !== null && lane < this.#lanes ? lane : 0;
  }
}

const cursorOf = (message: LogMessage): Cursor => ({
  seq: message.streamSeq,
  messageId: parseMessageId(messageIdIn((name) => message.header(name))),
  timeMs: message.timeMs,
});
