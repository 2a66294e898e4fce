import { laneOf, type Outcome } from '@b2b-charge/contracts';
import type { Transaction } from '../src/domain/transaction.ts';
import type { CommittedBatch } from '../src/process/commit-batch.ts';
import type { LaneTitle, PublishedMark } from '../src/process/ports.ts';
import type { Announcer } from '../src/process/process-options.ts';
import { outcomeOf } from '../src/publish/outcome-of.ts';
import type { Database } from './database.ts';
import type { EventLog } from './event-log.ts';
import { CURRENCY } from './given.ts';
import type { Machine, World } from './world.ts';

interface Feed {
  mark: PublishedMark;
  readonly waiting: Transaction[];
  busy: boolean;
}

interface Parts {
  readonly world: World;
  readonly database: Database;
  readonly machine: Machine;
  readonly events: EventLog;
  reply(subject: string, outcome: Outcome): void;
}

/** Replies and events of one ledger process: what the announcer and the event feed promise, without their speed. */
export class SimAnnouncer implements Announcer {
  readonly #parts: Parts;
  readonly #feeds = new Map<number, Feed>();
  /** Batches committed whose events the feeds have not been given yet. */
  #announcing = 0;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  open(title: LaneTitle): void {
    this.close(title.lane);
    const feed: Feed = { mark: title.published, waiting: [], busy: true };
    this.#feeds.set(title.lane, feed);
    const { world, machine } = this.#parts;
    world.after(world.latency(), () => this.#catchUp(title, feed), machine);
  }

  /** What earlier owners committed and did not publish; what was committed meanwhile is in hand already. */
  #catchUp(title: LaneTitle, feed: Feed): void {
    const { database } = this.#parts;
    const inHand = new Set(feed.waiting.map(({ id }) => id));
    const older = [...database.books.chains.values()]
      .flat()
      .filter((row) => laneOf(row.vendorId, database.lanes.length) === title.lane)
      .filter(
        (row) => isAfter(row, title.published) && !isAfter(row, positionOf(title)) && !inHand.has(row.id),
      )
      .sort((a, b) => a.streamEpoch - b.streamEpoch || a.streamSeq - b.streamSeq);
    feed.waiting.unshift(...older);
    feed.busy = false;
    this.#publish(feed);
  }

  close(lane: number): void {
    const feed = this.#feeds.get(lane);
    if (feed) feed.waiting.length = 0;
    this.#feeds.delete(lane);
  }

  /** Of a lane that has nothing left to publish: its cursor. */
  published(title: LaneTitle): PublishedMark {
    const feed = this.#feeds.get(title.lane);
    if (!feed) return title.published;
    if (this.#announcing > 0 || feed.busy || feed.waiting.length > 0) return feed.mark;
    feed.mark = positionOf(title);
    return { ...feed.mark, atMs: Number.POSITIVE_INFINITY };
  }

  /** Now and then the events' stream has no room for a while. */
  room(): Promise<void> | undefined {
    const { world, machine } = this.#parts;
    if (!world.faulty || !world.random.chance(0.004)) return undefined;
    const { promise, resolve } = Promise.withResolvers<void>();
    world.note(machine.name, 'has no room for events');
    world.after(world.random.between(50, 1_500), resolve, machine);
    return promise;
  }

  /** In a turn of its own, as the real one. */
  committed(batch: CommittedBatch): void {
    this.#announcing++;
    const announce = () => {
      this.#announcing--;
      this.#announce(batch);
    };
    this.#parts.world.after(this.#parts.world.random.between(0, 2), announce, this.#parts.machine);
  }

  #announce({ entries, decisions }: CommittedBatch): void {
    const { world, machine, reply } = this.#parts;
    const replies = entries.flatMap((entry, index) => {
      const decision = decisions[index]!;
      if (decision.kind === 'recorded') this.#add(entry.lane, decision.transaction);
      return entry.replyTo === null
        ? []
        : [{ to: entry.replyTo, outcome: outcomeOf(entry, decision, CURRENCY) }];
    });
    if (replies.length === 0) return;
    // Balance copies come first, and may take a while.
    const send = () => {
      for (const { to, outcome } of replies) reply(to, outcome);
    };
    world.after(world.latency(), send, machine);
  }

  #add(lane: number, transaction: Transaction): void {
    const feed = this.#feeds.get(lane);
    if (!feed) return;
    feed.waiting.push(transaction);
    this.#publish(feed);
  }

  #publish(feed: Feed): void {
    if (feed.busy || feed.waiting.length === 0) return;
    const { world, machine, events } = this.#parts;
    feed.busy = true;
    world.after(
      world.latency(),
      () => {
        feed.busy = false;
        // The stream acknowledges a few at a time; the lane may have been closed meanwhile.
        for (const transaction of feed.waiting.splice(0, 8)) {
          events.add(transaction, world.now);
          const { streamEpoch, streamSeq, createdAtMs } = transaction;
          feed.mark = { streamEpoch, streamSeq, atMs: createdAtMs };
        }
        this.#publish(feed);
      },
      machine,
    );
  }
}

const positionOf = ({ streamEpoch, cursor }: LaneTitle): PublishedMark => ({
  streamEpoch,
  streamSeq: cursor.seq,
  atMs: null,
});

const isAfter = (row: Pick<Transaction, 'streamEpoch' | 'streamSeq'>, mark: PublishedMark): boolean =>
  row.streamEpoch > mark.streamEpoch ||
  (row.streamEpoch === mark.streamEpoch && row.streamSeq > mark.streamSeq);
