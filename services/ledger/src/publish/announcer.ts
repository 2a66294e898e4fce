import type { NatsConnection } from '@nats-io/transport-node';
import type { CommittedBatch } from '../process/commit-batch.ts';
import type { LaneTitle, PublishedMark } from '../process/ports.ts';
import type { Announcer } from '../process/process-options.ts';
import type { BalanceCopies } from './balance-copies.ts';
import type { EventFeed } from './event-feed.ts';
import { outcomeOf } from './outcome-of.ts';

/** After the commit: first Redis, then the replies, then the events; none of it holds up the next batch. */
export class NatsAnnouncer implements Announcer {
  readonly #nc: NatsConnection;
  readonly #copies: BalanceCopies;
  readonly #events: EventFeed;
  readonly #observe: (batch: CommittedBatch) => void;
  /** Batches committed whose events the feed has not been given yet. */
  #announcing = 0;

  constructor(parts: {
    nc: NatsConnection;
    copies: BalanceCopies;
    events: EventFeed;
    observe(batch: CommittedBatch): void;
  }) {
    this.#nc = parts.nc;
    this.#copies = parts.copies;
    this.#events = parts.events;
    this.#observe = parts.observe;
  }

  open = (title: LaneTitle): void => this.#events.open(title);
  close = (lane: number): void => this.#events.close(lane);
  published = (title: LaneTitle): PublishedMark =>
    this.#events.published(title, { hasAll: this.#announcing === 0 });
  room = (): Promise<void> | undefined => this.#events.room();

  /** In a turn of its own: the next batch is on its way to PostgreSQL while this one's answers are written. */
  committed(batch: CommittedBatch): void {
    this.#announcing++;
    setImmediate(() => {
      this.#announcing--;
      this.#announce(batch);
    });
  }

  #announce(batch: CommittedBatch): void {
    const answers = batch.entries.map((entry, index) => {
      const decision = batch.decisions[index]!;
      const payload = Buffer.from(JSON.stringify(outcomeOf(entry, decision)));
      if (decision.kind === 'recorded') this.#events.add(entry.lane, decision.transaction, payload);
      return { replyTo: entry.replyTo, payload };
    });
    this.#observe(batch);
    void this.#copies.refresh(batch.vendors.values()).then(() => {
      for (const { replyTo, payload } of answers) if (replyTo !== null) this.#reply(replyTo, payload);
    });
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
