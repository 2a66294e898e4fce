import type { Subjects } from '@b2b-charge/contracts';
import type { Logger } from '@b2b-charge/runtime';
import type { NatsConnection } from '@nats-io/transport-node';
import type { Transaction } from '../domain/transaction.ts';
import type { LaneTitle, PublishedMark } from '../process/ports.ts';
import type { StoredEvent } from '../recovery/lost-events.ts';
import type { UnpublishedReader } from '../store/unpublished.ts';
import { catchUp } from './catch-up.ts';
import { EventSender } from './event-sender.ts';
import type { EventsGate } from './events-gate.ts';
import { advance, eventOf, type FeedEvent, type LaneFeed, placeOf } from './lane-feed.ts';
import { outcomeOfTransaction } from './outcome-of.ts';

/** Events queued in memory; beyond that the ledger takes no further batch. */
const QUEUE_LIMIT = 16_384;
/** Events held in memory while older ones are read, over all lanes; beyond that they are read from the table, too. */
const HELD_LIMIT = 4_096;

/**
 * LEDGER_EVENTS: every transaction, at least once, in the order of its lane. What this process commits comes from
 * memory; what an earlier owner left unpublished is read from the table first.
 */
export class EventFeed implements AsyncDisposable {
  readonly #subjects: Subjects;
  readonly #unpublished: UnpublishedReader;
  readonly #currency: string;
  readonly #logger: Logger;
  readonly #fromTable: () => void;
  readonly #lanes = new Map<number, LaneFeed>();
  readonly #sender: EventSender;
  /** Events that are queued, and those that are held. */
  #size = 0;
  #held = 0;
  #roomWanted: (() => void) | null = null;

  constructor(options: {
    nc: NatsConnection;
    subjects: Subjects;
    unpublished: UnpublishedReader;
    /** Currency of all amounts. */
    currency: string;
    logger: Logger;
    inboxPrefix: string;
    /** An event was read from the table to be published. */
    fromTable?: () => void;
    /** Nothing is sent while it is closed; always open unless given. */
    gate?: EventsGate;
  }) {
    this.#subjects = options.subjects;
    this.#unpublished = options.unpublished;
    this.#currency = options.currency;
    this.#logger = options.logger;
    this.#fromTable = options.fromTable ?? (() => {});
    this.#sender = new EventSender({
      nc: options.nc,
      inboxPrefix: options.inboxPrefix,
      stream: options.subjects.streams.events,
      ...(options.gate ? { gate: options.gate } : {}),
      acknowledged: (event) => this.#acknowledged(event),
    });
  }

  get backlog(): number {
    return this.#size + this.#held;
  }

  /** The first and the last event that the stream has acknowledged since this was asked. */
  takeStored(): StoredEvent[] {
    return this.#sender.takeStored();
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
    for await (const transaction of catchUp(title, feed, parts)) {
      if (!isOurs()) return;
      this.#fromTable();
      const outcome = outcomeOfTransaction(transaction, false, this.#currency);
      const payload = Buffer.from(JSON.stringify(outcome));
      this.#enqueue(feed, eventOf(this.#subjects, feed, { transaction, payload }));
      await this.#sender.roomAhead();
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
    this.#sender.enqueue(event);
  }

  #acknowledged(event: FeedEvent): void {
    if (!event.acked) {
      event.acked = true;
      this.#size--;
    }
    advance(event.feed);
    this.#giveRoom();
  }

  #giveRoom(): void {
    if (!this.#roomWanted || this.#size >= QUEUE_LIMIT) return;
    this.#roomWanted();
    this.#roomWanted = null;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#sender[Symbol.asyncDispose]();
  }
}
