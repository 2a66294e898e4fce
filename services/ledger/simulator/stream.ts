import type { LogMessage } from '../src/log/parse-entry.ts';
import type { World } from './world.ts';

export interface Publication {
  /** Its name in the trace and in what the oracle says: one sending of one command. */
  readonly name: string;
  readonly subject: string;
  readonly headers: ReadonlyArray<readonly [string, string]>;
  readonly payload: Uint8Array;
}

/** A message as the log stored it. */
export class StoredMessage implements LogMessage {
  readonly publication: Publication;
  readonly streamSeq: number;
  readonly timeMs: number;

  constructor(publication: Publication, streamSeq: number, timeMs: number) {
    this.publication = publication;
    this.streamSeq = streamSeq;
    this.timeMs = timeMs;
  }

  get subject(): string {
    return this.publication.subject;
  }

  get payload(): Uint8Array {
    return this.publication.payload;
  }

  headers(): ReadonlyArray<readonly [string, string]> {
    return this.publication.headers;
  }

  isRepeated(name: string): boolean {
    return this.publication.headers.filter(([key]) => key === name).length > 1;
  }

  header(name: string): string {
    return this.publication.headers.find(([key]) => key === name)?.[1] ?? '';
  }
}

/** The command log as JetStream keeps it: numbered, and at risk behind the last sync. */
export class Stream {
  firstSeq = 1;
  lastSeq = 0;
  up = true;
  /** Messages that a crash lost, and messages that were trimmed. */
  readonly lost: StoredMessage[] = [];
  readonly trimmed: StoredMessage[] = [];
  /** Told of every message that is added. */
  readonly listeners = new Set<() => void>();
  readonly #world: World;
  /** How far its clock is off. */
  skewMs: number;
  readonly #messages = new Map<number, StoredMessage>();
  #syncedSeq = 0;

  constructor(world: World) {
    this.#world = world;
    this.skewMs = world.random.between(-3_000, 3_000);
  }

  append(publication: Publication): StoredMessage {
    const message = new StoredMessage(publication, ++this.lastSeq, this.#world.now + this.skewMs);
    this.#messages.set(message.streamSeq, message);
    this.#world.note('log:', message.streamSeq, publication.name, 'on', publication.subject);
    for (const listener of [...this.listeners]) listener();
    return message;
  }

  get isEmpty(): boolean {
    return this.#messages.size === 0;
  }

  at(seq: number): StoredMessage | undefined {
    return this.#messages.get(seq);
  }

  all(): StoredMessage[] {
    return [...this.#messages.values()];
  }

  sync(): void {
    this.#syncedSeq = this.lastSeq;
  }

  /** The server dies: between nothing and everything of the unsynced tail is gone, and its numbers are given again. */
  crash(keep = this.#world.random.between(Math.min(this.#syncedSeq, this.lastSeq), this.lastSeq)): void {
    this.#lose(keep);
  }

  /** The server dies, and its disk with it: the stream begins again at 1. */
  burn(): void {
    this.#lose(0);
    this.firstSeq = 1;
  }

  #lose(keep: number): void {
    this.#world.note('log: crashes and loses', keep + 1, 'to', this.lastSeq);
    for (let seq = keep + 1; seq <= this.lastSeq; seq++) {
      const message = this.#messages.get(seq);
      if (message) this.lost.push(message);
      this.#messages.delete(seq);
    }
    this.lastSeq = keep;
    this.#syncedSeq = keep;
    this.up = false;
  }

  /** Purges the beginning, as far as it is audited. */
  trim(isAudited: (message: StoredMessage) => boolean): void {
    const audited = () => {
      const first = this.at(this.firstSeq);
      return first && first.streamSeq <= this.#syncedSeq && isAudited(first) ? first : null;
    };
    for (let first = audited(); first; first = audited()) {
      this.trimmed.push(first);
      this.#messages.delete(this.firstSeq++);
    }
  }
}
