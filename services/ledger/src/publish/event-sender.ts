import { EVENT_HEADERS, HEADERS, isoTime } from '@b2b-charge/contracts';
import { readPubAck, readyHeaders, secretInbox } from '@b2b-charge/runtime';
import type { Msg, NatsConnection, Subscription } from '@nats-io/transport-node';
import { type Acknowledged, type StoredEvent, storedAs } from '../recovery/lost-events.ts';
import type { EventsGate } from './events-gate.ts';
import type { FeedEvent } from './lane-feed.ts';

/** Events sent and not yet acknowledged, over all lanes; beyond that the queue waits. */
const WINDOW = 512;
/** Events read from the table ahead of what is sent. Recent events would wait too long behind more of them. */
const AHEAD = 1_024;
/** An event without an acknowledgement for this long is sent again; the stream drops the repeat by its id. */
const RESEND_MS = 3_000;

/** Publishes events in the order of its queue, within a window, and again until the stream acknowledges them. */
export class EventSender implements AsyncDisposable {
  readonly #nc: NatsConnection;
  readonly #gate: Pick<EventsGate, 'isOpen'>;
  readonly #acknowledged: (event: FeedEvent) => void;
  readonly #inFlight = new Map<string, FeedEvent>();
  readonly #inbox: string;
  readonly #stream: string;
  readonly #subscription: Subscription;
  readonly #timer: NodeJS.Timeout;
  #waiting: FeedEvent[] = [];
  #next = 0;
  /** Readers of the table that wait until the queue is short. */
  #readers: (() => void)[] = [];
  /** The first and the last acknowledgement since the last `takeStored`. */
  #acks: Acknowledged[] = [];

  constructor(options: {
    nc: NatsConnection;
    inboxPrefix: string;
    /** Name of the stream that stores the events. */
    stream: string;
    /** Nothing is sent while it is closed; always open unless given. */
    gate?: EventsGate;
    acknowledged: (event: FeedEvent) => void;
  }) {
    this.#nc = options.nc;
    this.#gate = options.gate ?? { isOpen: true };
    this.#acknowledged = options.acknowledged;
    options.gate?.onOpen(() => this.#send());
    this.#stream = options.stream;
    this.#inbox = secretInbox(options.inboxPrefix);
    this.#subscription = this.#nc.subscribe(`${this.#inbox}.*`, {
      callback: (_error, message) => this.#onAck(message),
    });
    this.#timer = setInterval(() => this.#resend(Date.now()), RESEND_MS / 3);
  }

  enqueue(event: FeedEvent): void {
    this.#waiting.push(event);
    this.#send();
  }

  /** Resolves once the queue is short enough for another event from the table. */
  async roomAhead(): Promise<void> {
    while (this.#waiting.length >= AHEAD) await new Promise<void>((resolve) => this.#readers.push(resolve));
  }

  /** The first and the last event that the stream has acknowledged since the last call. */
  takeStored(): StoredEvent[] {
    return this.#acks.splice(0).map(storedAs);
  }

  #send(): void {
    if (!this.#gate.isOpen) return;
    let sent = 0;
    while (this.#inFlight.size < WINDOW && sent < this.#waiting.length) {
      const event = this.#waiting[sent++]!;
      if (!event.acked) this.#publish(event);
    }
    if (sent > 0) this.#waiting = this.#waiting.slice(sent);
    if (this.#waiting.length < AHEAD) for (const resume of this.#readers.splice(0)) resume();
  }

  #publish(event: FeedEvent): void {
    const token = (this.#next++).toString(36);
    this.#inFlight.set(token, event);
    event.sentAtMs = Date.now();
    const { streamEpoch, streamSeq, atMs } = event.place;
    const head = readyHeaders([
      [HEADERS.natsMessageId, event.id],
      [EVENT_HEADERS.command, `0/${streamEpoch}/${streamSeq}/0`],
      [EVENT_HEADERS.decidedAt, isoTime(atMs!)],
    ]);
    try {
      this.#nc.publish(event.subject, event.payload, { headers: head, reply: `${this.#inbox}.${token}` });
    } catch {
      // The connection is closed or closing; the event stays unacknowledged and is sent again.
    }
  }

  #onAck(message: Msg): void {
    const token = message.subject.slice(this.#inbox.length + 1);
    const event = this.#inFlight.get(token);
    if (!event || readPubAck(message.string(), this.#stream) !== 'stored') return; // sent again in a while
    this.#inFlight.delete(token);
    this.#acks[Math.min(this.#acks.length, 1)] = { event, message };
    this.#acknowledged(event);
    // By halves of the window: one event per acknowledgement would mean one packet per event.
    if (this.#inFlight.size <= WINDOW / 2) this.#send();
  }

  #resend(now: number): void {
    if (!this.#gate.isOpen) return;
    const late = [...this.#inFlight].filter(([, event]) => event.acked || now - event.sentAtMs >= RESEND_MS);
    for (const [token, event] of late) {
      this.#inFlight.delete(token);
      if (!event.acked) this.#publish(event);
    }
    this.#send();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer);
    this.#subscription.unsubscribe();
  }
}
