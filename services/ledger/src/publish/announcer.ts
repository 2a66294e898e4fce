import type { NatsConnection } from '@nats-io/transport-node';
import type { CommittedBatch } from '../process/commit-batch.ts';
import type { LaneTitle, PublishedMark } from '../process/ports.ts';
import type { Announcer } from '../process/process-options.ts';
import type { BalanceCopies } from './balance-copies.ts';
import type { EventFeed } from './event-feed.ts';
import { outcomeOf } from './outcome-of.ts';

/**
 * Commands told of in one turn of the event loop. Between two turns the next batch goes its way: what the database has
 * answered is decided first, and most of the telling is done while it writes.
 */
const SLICE = 64;

/** After the commit: the replies, the events, and the copies in Redis; none of it holds up the next batch. */
export class NatsAnnouncer implements Announcer {
  readonly #nc: Pick<NatsConnection, 'publish'>;
  readonly #copies: BalanceCopies;
  readonly #events: EventFeed;
  readonly #currency: string;
  readonly #observe: (batch: CommittedBatch) => void;
  /** Batches committed and not told of to their end. */
  #announcing = 0;
  #last = Promise.resolve();

  constructor(parts: {
    nc: Pick<NatsConnection, 'publish'>;
    copies: BalanceCopies;
    events: EventFeed;
    currency: string;
    observe(batch: CommittedBatch): void;
  }) {
    this.#nc = parts.nc;
    this.#copies = parts.copies;
    this.#events = parts.events;
    this.#currency = parts.currency;
    this.#observe = parts.observe;
  }

  open = (title: LaneTitle): void => this.#events.open(title);
  close = (lane: number): void => this.#events.close(lane);
  published = (title: LaneTitle): PublishedMark =>
    this.#events.published(title, { hasAll: this.#announcing === 0 });
  room = (): Promise<void> | undefined => this.#events.room();

  committed(batch: CommittedBatch): void {
    this.#announcing++;
    this.#copies.refresh(batch.vendors.values());
    this.#last = this.#last.then(() => this.#announce(batch));
  }

  async #announce(batch: CommittedBatch): Promise<void> {
    for (let from = 0; from < batch.entries.length; from += SLICE) {
      await nextTurn();
      this.#tell(batch, from, Math.min(from + SLICE, batch.entries.length));
    }
    this.#observe(batch);
    this.#announcing--;
  }

  #tell({ entries, decisions }: CommittedBatch, from: number, to: number): void {
    for (let index = from; index < to; index++) {
      const entry = entries[index]!;
      const decision = decisions[index]!;
      const payload = Buffer.from(JSON.stringify(outcomeOf(entry, decision, this.#currency)));
      if (entry.replyTo !== null) this.#reply(entry.replyTo, payload);
      if (decision.kind === 'recorded') this.#events.add(entry.lane, decision.transaction, payload);
    }
  }

  /** A reply that cannot be sent is not made good here: the caller asks by its key. */
  #reply(subject: string, payload: Uint8Array): void {
    try {
      this.#nc.publish(subject, payload);
    } catch {
      // closed: the process is stopping
    }
  }
}

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
