import { EVENT_HEADERS, type Subjects } from '@b2b-charge/contracts';
import { type ConsumerMessages, type JsMsg, jetstream, jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { readable } from '../log/nats-log.ts';
import type { Announced } from './lost-tail.ts';

const PREFETCH = 4_096;
const SILENCE_MS = 10_000;

/** LEDGER_EVENTS, as a record of what was decided. */
export class AnnouncedEvents {
  readonly #nc: NatsConnection;
  readonly #subjects: Subjects;

  constructor(nc: NatsConnection, subjects: Subjects) {
    this.#nc = nc;
    this.#subjects = subjects;
  }

  /** Sequence of the last event; 0 if there is none. */
  async end(): Promise<number> {
    const manager = await jetstreamManager(this.#nc, { checkAPI: false });
    const { state } = await manager.streams.info(this.#subjects.streams.events);
    return state.messages === 0 ? 0 : state.last_seq;
  }

  /** Every event stored after an instant, up to a sequence. Throws when the stream falls silent before that. */
  async read(sinceMs: number, endSeq: number, take: (announced: Announced) => void): Promise<void> {
    const { events } = this.#subjects.streams;
    if (endSeq === 0) return;
    const manager = await jetstreamManager(this.#nc, { checkAPI: false });
    const last = await manager.streams.getMessage(events, { seq: endSeq });
    if (!last || last.time.getTime() < sinceMs) return;
    const consumer = await jetstream(this.#nc, { checkAPI: false }).consumers.get(events, {
      opt_start_time: new Date(sinceMs).toISOString(),
      headers_only: true,
      inactive_threshold: 30_000,
    });
    await readTo(await consumer.consume({ max_messages: PREFETCH }), endSeq, (message) => {
      const announced = this.#parse(message);
      if (announced) take(announced);
    });
  }

  /** Null for an event of a version that did not say where its command stands. */
  #parse(message: JsMsg): Announced | null {
    const headers = readable(() => message.headers);
    const place = /^(\d{1,9})\/(\d{1,15})$/.exec(headers?.get(EVENT_HEADERS.command) ?? '');
    const decidedAt = headers?.get(EVENT_HEADERS.decidedAt) ?? '';
    if (!place || !/^\d{1,15}$/.test(decidedAt)) return null;
    const [, , vendor] = message.subject.slice(this.#prefix.length).split('.');
    return {
      vendorId: Number(vendor),
      streamEpoch: Number(place[1]),
      streamSeq: Number(place[2]),
      decidedAtMs: Number(decidedAt),
    };
  }

  get #prefix(): string {
    return this.#subjects.allEvents.slice(0, -'ledger.events.>'.length);
  }
}

async function readTo(messages: ConsumerMessages, endSeq: number, take: (message: JsMsg) => void) {
  const silent = setTimeout(() => messages.stop(new Error('the events fell silent')), SILENCE_MS);
  try {
    for await (const message of messages) {
      silent.refresh();
      take(message);
      if (message.seq >= endSeq) return;
    }
  } finally {
    clearTimeout(silent);
    void messages.close().catch(() => {});
  }
  throw new Error('the reading of the events ended early');
}
