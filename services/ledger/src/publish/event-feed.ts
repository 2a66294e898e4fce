import { EVENT_HEADERS, HEADERS, type Subjects } from '@b2b-charge/contracts';
import { type Logger, readyHeaders } from '@b2b-charge/runtime';
import { createInbox, type Msg, type NatsConnection, type Subscription } from '@nats-io/transport-node';
import type { Transaction } from '../domain/transaction.ts';
import type { LaneTitle, PublishedMark } from '../process/ports.ts';
import { type Acknowledged, type StoredEvent, storedAs } from '../recovery/lost-events.ts';
import type { UnpublishedReader } from '../store/unpublished.ts';
import { catchUp } from './catch-up.ts';
import type { EventsGate } from './events-gate.ts';
import { advance, eventOf, type FeedEvent, type LaneFeed, placeOf } from './lane-feed.ts';

/** Events sent and not yet acknowledged, over all lanes; beyond that the queue waits. */
const WINDOW = 512;
/** Events queued in memory; beyond that the ledger takes no further batch. */
const QUEUE_LIMIT = 16_384;
/** Events read from the table ahead of what is sent, so that those of the moment need not wait behind them for long. */
const AHEAD = 1_024;
/** Events held in memory while older ones are read, over all lanes; beyond that they are read from the table, too. */
const HELD_LIMIT = 4_096;
/** An event without an acknowledgement for this long is sent again; the stream drops the repeat by its id. */
const RESEND_MS = 3_000;

/**
 * LEDGER_EVENTS: every transaction, at least once, in the order of its lane. What this process commits comes from
 * memory; what an earlier owner left unpublished is read from the table first.
 */
export class EventFeed implements AsyncDisposable {
  readonly #nc: NatsConnection;
  readonly #subjects: Subjects;
  readonly #unpublished: UnpublishedReader;
  readonly #logger: Logger;
  readonly #fromTable: () => void;
  readonly #gate: Pick<EventsGate, 'isOpen'>;
  readonly #lanes = new Map<number, LaneFeed>();
  readonly #inFlight = new Map<string, FeedEvent>();
  readonly #inbox: string;
  readonly #subscription: Subscription;
  readonly #timer: NodeJS.Timeout;
  #waiting: FeedEvent[] = [];
  #next = 0;
  /** Events that are queued, and those that are held. */
  #size = 0;
  #held = 0;
  /** Readers of the table that wait until what they have read is sent. */
  #readers: (() => void)[] = [];
  #roomWanted: (() => void) | null = null;
  /** The first and the last acknowledgement since somebody asked. */
  #acks: Acknowledged[] = [];

  constructor(options: {
    nc: NatsConnection;
    subjects: Subjects;
    unpublished: UnpublishedReader;
    logger: Logger;
    inboxPrefix: string;
    /** An event was read from the table to be published. */
    fromTable?: () => void;
    /** Nothing is sent while it is closed; always open unless given. */
    gate?: EventsGate;
  }) {
    this.#nc = options.nc;
    this.#subjects = options.subjects;
    this.#unpublished = options.unpublished;
    this.#logger = options.logger;
    this.#fromTable = options.fromTable ?? (() => {});
    this.#gate = options.gate ?? { isOpen: true };
    options.gate?.onOpen(() => this.#send());
    this.#inbox = createInbox(options.inboxPrefix);
    this.#subscription = this.#nc.subscribe(`${this.#inbox}.*`, {
      callback: (_error, message) => this.#onAck(message),
    });
    this.#timer = setInterval(() => this.#resend(Date.now()), RESEND_MS / 3);
  }

  get backlog(): number {
    return this.#size + this.#held;
  }

  /** The first and the last event that the stream has acknowledged since this was asked. */
  takeStored(): StoredEvent[] {
    return this.#acks.splice(0).map(storedAs);
  }

  /**
   * Takes a lane over, or begins anew on one whose mark went back: first what lies between its mark and its cursor, then
   * what is added.
   */
  open(title: LaneTitle): void {
    this.#forget(title.lane, () => true);
    const feed: LaneFeed = { mark: title.published, unacked: [], held: [], missed: null };
    this.#lanes.set(title.lane, feed);
    void this.#catchUp(title, feed);
  }

  /**
   * The next owner publishes what is not acknowledged from the table. What waits to be sent goes out all the same: should
   * the database be lost at this moment, the stream is all that tells of it. Not what is held: it would come before older
   * ones.
   */
  close(lane: number): void {
    this.#forget(lane, ({ sentAtMs }) => sentAtMs > 0);
  }

  /** Lets a lane go, and those of its events that are not to be sent any more. */
  #forget(lane: number, isOver: (event: FeedEvent) => boolean): void {
    const feed = this.#lanes.get(lane);
    if (!feed) return;
    this.#lanes.delete(lane);
    const over = feed.unacked.filter((event) => !event.acked && isOver(event));
    this.#size -= over.length;
    for (const event of over) event.acked = true;
    this.#held -= feed.held?.length ?? 0;
    this.#giveRoom();
  }

  /**
   * How far a lane's events are out. One that has all of what is decided on it, and nothing left to send, is published up
   * to its cursor: else whoever takes an idle lane over would look for its events in all that the others did meanwhile.
   */
  published(
    { lane, streamEpoch, cursor, published }: LaneTitle,
    { hasAll }: { hasAll: boolean },
  ): PublishedMark {
    const feed = this.#lanes.get(lane);
    if (!feed) return published;
    if (!hasAll || feed.held || feed.unacked.length > 0) return feed.mark;
    feed.mark = { streamEpoch, streamSeq: cursor.seq, atMs: null };
    return { ...feed.mark, atMs: Number.POSITIVE_INFINITY };
  }

  add(lane: number, transaction: Transaction, payload: Uint8Array): void {
    // Of a lane that was let go since: the next owner sends it, too, unless the database is lost.
    const mark = placeOf(transaction);
    const feed = this.#lanes.get(lane) ?? { mark, unacked: [], held: null, missed: null };
    const event = eventOf(this.#subjects, feed, { transaction, payload });
    if (feed.held) this.#hold(feed, feed.held, event);
    else this.#enqueue(feed, event);
  }

  #hold(feed: LaneFeed, held: FeedEvent[], event: FeedEvent): void {
    if (!feed.missed && this.#held < HELD_LIMIT) {
      this.#held++;
      held.push(event);
      return;
    }
    this.#held -= held.length;
    feed.held = [];
    feed.missed = event.place;
  }

  /** Undefined if the queue has room; else resolves when it has. */
  room(): Promise<void> | undefined {
    if (this.#size < QUEUE_LIMIT) return undefined;
    const room = Promise.withResolvers<void>();
    this.#roomWanted = room.resolve;
    return room.promise;
  }

  async #catchUp(title: LaneTitle, feed: LaneFeed): Promise<void> {
    const isOurs = () => this.#lanes.get(title.lane) === feed;
    const parts = { unpublished: this.#unpublished, logger: this.#logger, isOurs };
    for await (const { transaction, payload } of catchUp(title, feed, parts)) {
      if (!isOurs()) return;
      this.#fromTable();
      this.#enqueue(feed, eventOf(this.#subjects, feed, { transaction, payload }));
      while (this.#waiting.length >= AHEAD) await new Promise<void>((resolve) => this.#readers.push(resolve));
    }
    // Let go meanwhile: `close` has counted out what is held.
    if (!isOurs()) return;
    const held = feed.held ?? [];
    feed.held = null;
    this.#held -= held.length;
    for (const event of held) this.#enqueue(feed, event);
  }

  #enqueue(feed: LaneFeed, event: FeedEvent): void {
    this.#size++;
    feed.unacked.push(event);
    this.#waiting.push(event);
    this.#send();
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
      [EVENT_HEADERS.command, `${streamEpoch}/${streamSeq}`],
      [EVENT_HEADERS.decidedAt, String(atMs)],
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
    if (!event || message.data.length === 0 || message.string().includes('"error"')) return; // sent again in a while
    this.#inFlight.delete(token);
    this.#acks[Math.min(this.#acks.length, 1)] = { event, message };
    if (!event.acked) {
      event.acked = true;
      this.#size--;
    }
    advance(event.feed);
    // By halves of the window: one event per acknowledgement would mean one packet per event.
    if (this.#inFlight.size <= WINDOW / 2) this.#send();
    this.#giveRoom();
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

  #giveRoom(): void {
    if (!this.#roomWanted || this.#size >= QUEUE_LIMIT) return;
    this.#roomWanted();
    this.#roomWanted = null;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer);
    this.#subscription.unsubscribe();
  }
}
