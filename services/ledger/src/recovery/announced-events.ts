import { EVENT_HEADERS, HEADERS, parseIsoTime, parseVendorId } from '@b2b-charge/contracts';
import { readableHeaders } from '@b2b-charge/runtime';
import type { StoredMsg } from '@nats-io/jetstream';
import type { EventStream } from './event-stream.ts';
import type { Announced } from './lost-tail.ts';
import type { AnnouncedHistory } from './recovery.ts';

/** Events looked at together. */
const PAGE = 1_024;
const AT_ONCE = 128;

/** The decisions that the event stream holds. */
export class AnnouncedEvents implements AnnouncedHistory {
  readonly #stream: EventStream;

  constructor(stream: EventStream) {
    this.#stream = stream;
  }

  async span(): Promise<{ firstSeq: number; lastSeq: number }> {
    const { first_seq, last_seq, messages } = await this.#stream.state();
    // A stream that never held anything begins at 0, and the server refuses to look that number up.
    return { firstSeq: Math.max(1, first_seq), lastSeq: messages === 0 ? 0 : last_seq };
  }

  /** Whether the stream still has this event under that number, or had it until it was trimmed, or purged by somebody. */
  async holds({ seq, id }: { seq: number; id: string }): Promise<boolean> {
    const { first_seq, last_seq } = await this.#stream.state();
    if (seq < first_seq && seq <= last_seq) return true;
    const message = await this.#stream.message(seq);
    return message !== null && readableHeaders(() => message.header)?.get(HEADERS.natsMessageId) === id;
  }

  async *backTo(sinceMs: number, { firstSeq, lastSeq }: { firstSeq: number; lastSeq: number }) {
    for (let to = lastSeq; to >= firstSeq; to -= PAGE) {
      const stored = await this.#readPage(Math.max(firstSeq, to - PAGE + 1), to);
      const young = stored.filter(({ time }) => time.getTime() >= sinceMs);
      yield young.map((message) => this.#parse(message)).filter((announced) => announced !== null);
      if (stored.length > 0 && young.length === 0) return;
    }
  }

  async newestBefore(beforeMs: number): Promise<number | null> {
    const { firstSeq, lastSeq } = await this.span();
    let [from, to] = [firstSeq, lastSeq];
    // The last one that was stored before; a number that is gone counts as later, which leads further back.
    while (from <= to) {
      const middle = Math.floor((from + to) / 2);
      const message = await this.#stream.message(middle);
      if (message && message.time.getTime() < beforeMs) from = middle + 1;
      else to = middle - 1;
    }
    const stored = await this.#readPage(Math.max(firstSeq, to - AT_ONCE + 1), to);
    const decided = stored.flatMap((message) => this.#parse(message)?.decidedAtMs ?? []);
    return decided.length === 0 ? null : Math.max(...decided);
  }

  async #readPage(from: number, to: number): Promise<StoredMsg[]> {
    const stored: StoredMsg[] = [];
    for (let seq = from; seq <= to; seq += AT_ONCE) {
      const count = Math.min(AT_ONCE, to - seq + 1);
      const messages = await Promise.all(
        Array.from({ length: count }, (_, index) => this.#stream.message(seq + index)),
      );
      stored.push(...messages.filter((message) => message !== null));
    }
    return stored;
  }

  /** Null for an event of a version that did not say where its command stands. */
  #parse(message: StoredMsg): Announced | null {
    const headers = readableHeaders(() => message.header);
    const place = /^\d{1,5}\/(\d{1,9})\/(\d{1,15})\/\d{1,5}$/.exec(headers?.get(EVENT_HEADERS.command) ?? '');
    const decidedAtMs = parseIsoTime(headers?.get(EVENT_HEADERS.decidedAt) ?? '');
    // ledger.events.<vendor>.<type>, in a namespace or not.
    const vendorId = parseVendorId(message.subject.split('.').at(-2) ?? '');
    if (!place || vendorId === null || decidedAtMs === null) return null;
    const [streamEpoch, streamSeq] = [Number(place[1]), Number(place[2])];
    return {
      vendorId,
      streamEpoch,
      streamSeq,
      decidedAtMs,
      storedMs: message.time.getTime(),
    };
  }
}
