import { EVENT_HEADERS, HEADERS, parseVendorId, type Subjects } from '@b2b-charge/contracts';
import { readableHeaders } from '@b2b-charge/runtime';
import { type JetStreamManager, jetstreamManager, type StoredMsg } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { ANSWER_MS, askAgain } from '../log/ask-again.ts';
import type { Announced } from './lost-tail.ts';
import type { AnnouncedHistory } from './recovery.ts';

/** Events looked at together. */
const PAGE = 1_024;
const AT_ONCE = 128;

/** Read message by message: a consumer would need rights over others'. */
export class AnnouncedEvents implements AnnouncedHistory {
  readonly #nc: NatsConnection;
  readonly #subjects: Subjects;

  constructor(nc: NatsConnection, subjects: Subjects) {
    this.#nc = nc;
    this.#subjects = subjects;
  }

  async span(): Promise<{ firstSeq: number; lastSeq: number }> {
    const manager = await this.#manager();
    const { state } = await askAgain(() => manager.streams.info(this.#subjects.streams.events));
    return { firstSeq: state.first_seq, lastSeq: state.messages === 0 ? 0 : state.last_seq };
  }

  /** Whether the stream still has this event under that number, or had it until it was trimmed, or purged by somebody. */
  async holds({ seq, id }: { seq: number; id: string }): Promise<boolean> {
    const manager = await this.#manager();
    const { state } = await askAgain(() => manager.streams.info(this.#subjects.streams.events));
    if (seq < state.first_seq && seq <= state.last_seq) return true;
    const [message] = await this.#readPage(manager, seq, seq);
    return message !== undefined && readableHeaders(() => message.header)?.get(HEADERS.natsMessageId) === id;
  }

  async *backTo(sinceMs: number, { firstSeq, lastSeq }: { firstSeq: number; lastSeq: number }) {
    const manager = await this.#manager();
    for (let to = lastSeq; to >= firstSeq && to > 0; to -= PAGE) {
      const stored = await this.#readPage(manager, Math.max(firstSeq, to - PAGE + 1), to);
      const young = stored.filter(({ time }) => time.getTime() >= sinceMs);
      yield young.map((message) => this.#parse(message)).filter((announced) => announced !== null);
      if (stored.length > 0 && young.length === 0) return;
    }
  }

  async newestBefore(beforeMs: number): Promise<number | null> {
    const manager = await this.#manager();
    const { firstSeq, lastSeq } = await this.span();
    let [from, to] = [firstSeq, lastSeq];
    // The last one that was stored before; a number that is gone counts as later, which leads further back.
    while (from <= to) {
      const middle = Math.floor((from + to) / 2);
      const [message] = await this.#readPage(manager, middle, middle);
      if (message && message.time.getTime() < beforeMs) from = middle + 1;
      else to = middle - 1;
    }
    if (to < firstSeq || to === 0) return null;
    const stored = await this.#readPage(manager, Math.max(firstSeq, to - AT_ONCE + 1), to);
    const decided = stored.flatMap((message) => this.#parse(message)?.decidedAtMs ?? []);
    return decided.length === 0 ? null : Math.max(...decided);
  }

  #manager(): Promise<JetStreamManager> {
    return jetstreamManager(this.#nc, { checkAPI: false, timeout: ANSWER_MS });
  }

  async #readPage(manager: JetStreamManager, from: number, to: number): Promise<StoredMsg[]> {
    const { events } = this.#subjects.streams;
    const stored: StoredMsg[] = [];
    for (let seq = from; seq <= to; seq += AT_ONCE) {
      const count = Math.min(AT_ONCE, to - seq + 1);
      const messages = await Promise.all(
        Array.from({ length: count }, (_, index) =>
          askAgain(() => manager.streams.getMessage(events, { seq: seq + index })),
        ),
      );
      stored.push(...messages.filter((message) => message !== null));
    }
    return stored;
  }

  /** Null for an event of a version that did not say where its command stands. */
  #parse(message: StoredMsg): Announced | null {
    const headers = readableHeaders(() => message.header);
    const place = /^(\d{1,9})\/(\d{1,15})$/.exec(headers?.get(EVENT_HEADERS.command) ?? '');
    const decidedAt = headers?.get(EVENT_HEADERS.decidedAt) ?? '';
    // ledger.events.<vendor>.<type>, in a namespace or not.
    const vendorId = parseVendorId(message.subject.split('.').at(-2) ?? '');
    if (!place || vendorId === null || !/^\d{1,15}$/.test(decidedAt)) return null;
    const [streamEpoch, streamSeq] = [Number(place[1]), Number(place[2])];
    return {
      vendorId,
      streamEpoch,
      streamSeq,
      decidedAtMs: Number(decidedAt),
      storedMs: message.time.getTime(),
    };
  }
}
