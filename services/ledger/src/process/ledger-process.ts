import type { Subjects } from '@b2b-charge/contracts';
import type { Logger } from '@b2b-charge/runtime';
import { parseEntry } from '../log/parse-entry.ts';
import { DeposedError } from '../store/errors.ts';
import { type CommittedBatch, commitBatch } from './commit-batch.ts';
import { type OwnedLane, OwnedLanes } from './owned-lanes.ts';
import type { CommandLog, LaneTitle, LedgerStore, PublishedMark } from './ports.ts';

/** Time as the process sees it; the simulator brings its own. */
export interface Clock {
  now(): number;
  /** Resolves after so many milliseconds, or when the signal aborts. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** Who is told of what was committed. */
export interface Announcer {
  /** A lane was taken over: events behind its mark are still to be published. */
  open(title: LaneTitle): void;
  close(lane: number): void;
  committed(batch: CommittedBatch): void;
  /** How far a lane's events are out; what the title said if the lane is unknown. */
  published(title: LaneTitle): PublishedMark;
  /** Resolves when there is room for another batch. */
  room(): Promise<void>;
}

export interface ProcessOptions {
  readonly store: LedgerStore;
  readonly log: CommandLog;
  readonly announcer: Announcer;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly subjects: Subjects;
  readonly lanes: number;
  readonly timeZone: string;
  readonly batchLimit: number;
  /** Between two renewals of the leases; a third of the lease or less. */
  readonly renewEveryMs: number;
  /** Between two looks at the log for a rollback or a stalled reader. */
  readonly inspectEveryMs: number;
  observe?(event: ProcessEvent): void;
}

export type ProcessEvent =
  | { kind: 'batch'; size: number; durationMs: number }
  | { kind: 'claimed' | 'lost' | 'released' | 'rolled-back' | 'stalled'; lane: number }
  | { kind: 'fault'; error: unknown };

const MAX_PAUSE_MS = 2_000;

/**
 * One ledger process: it owns a fair share of the lanes and decides their commands, one batch at a time, over one
 * connection. Everything happens in one loop, in order: renew and share the lanes, look at the log, take a batch.
 */
export class LedgerProcess {
  readonly #options: ProcessOptions;
  readonly #owned = new OwnedLanes();
  readonly #stopping = new AbortController();
  #renewAt = 0;
  /** Lanes whose reader must be rebuilt before the next batch. */
  readonly #suspects = new Set<number>();
  #wake = () => {};

  constructor(options: ProcessOptions) {
    this.#options = options;
  }

  get lanes(): readonly OwnedLane[] {
    return this.#owned.all();
  }

  /** Entries read and not yet decided. */
  get waiting(): number {
    return this.#owned.waiting;
  }

  /** The connection to the log was lost and came back: every reader is rebuilt from its cursor. */
  resync(): void {
    for (const { title } of this.#owned.all()) this.#suspects.add(title.lane);
    this.#wake();
  }

  /** Ends `run` after the batch in hand; the lanes are handed over at once. */
  stop(): void {
    this.#stopping.abort();
    this.#wake();
  }

  /** Runs until stopped. Whatever fails, it begins again from what the database says. */
  async run(): Promise<void> {
    const { store, clock, logger } = this.#options;
    const { signal } = this.#stopping;
    const inspecting = this.#inspect(signal);
    for (let failures = 0; !signal.aborted; ) {
      try {
        await store.connect();
        this.#renewAt = 0;
        while (!signal.aborted) {
          await this.#turn();
          failures = 0;
        }
        await this.#leave();
      } catch (error) {
        this.#observe({ kind: 'fault', error });
        logger.error({ err: error }, 'the ledger starts over from the database');
        await this.#dropAll();
        await clock.sleep(Math.min(50 * 2 ** failures++, MAX_PAUSE_MS), signal);
      }
    }
    await inspecting;
    await store.close().catch(() => {});
  }

  async #turn(): Promise<void> {
    const { clock, announcer, batchLimit } = this.#options;
    if (clock.now() >= this.#renewAt) await this.#shareLanes();
    if (this.#suspects.size > 0) await this.#rereadSuspects();
    await announcer.room();
    const batch = this.#owned.take(batchLimit);
    if (batch.length > 0) return this.#execute(batch);
    await this.#idle(Math.max(1, this.#renewAt - clock.now()));
  }

  async #idle(ms: number): Promise<void> {
    const waking = new AbortController();
    this.#wake = () => waking.abort();
    if (this.#stopping.signal.aborted || this.#suspects.size > 0) return;
    await Promise.race([this.#owned.arrival(), this.#options.clock.sleep(ms, waking.signal)]);
    waking.abort();
  }

  async #execute(batch: Parameters<typeof commitBatch>[0]): Promise<void> {
    const { store, timeZone, clock, announcer, logger } = this.#options;
    const startedAt = clock.now();
    try {
      await commitBatch(batch, {
        store,
        timeZone,
        movesOf: (entries) => this.#owned.movesOf(entries),
        committed: (committed) => {
          this.#owned.moved(committed.moves);
          announcer.committed(committed);
        },
        failed: (error, entries, attempt) =>
          logger.error({ err: error, attempt, commands: entries.length }, 'a batch was refused'),
        pause: (attempt) => clock.sleep(50 * attempt, this.#stopping.signal),
      });
    } catch (error) {
      if (!(error instanceof DeposedError)) throw error;
      // Which lane it was, the renewal tells; what was taken of the others is read again.
      this.#renewAt = 0;
      this.resync();
    }
    this.#observe({ kind: 'batch', size: batch.length, durationMs: clock.now() - startedAt });
  }

  /** Renews the leases, lets go of lanes beyond the fair share, takes what is free up to it. */
  async #shareLanes(): Promise<void> {
    const { store, lanes, clock, renewEveryMs } = this.#options;
    this.#renewAt = clock.now() + renewEveryMs;
    const renewal = await store.renew(this.#owned.all().map(({ title }) => this.#marked(title)));
    for (const { title } of this.#owned.all()) {
      if (!renewal.lanes.has(title.lane)) await this.#drop(title.lane, 'lost');
    }
    const share = Math.ceil(lanes / Math.max(1, renewal.processes));
    const surplus = this.#owned.all().slice(share);
    if (surplus.length > 0) {
      for (const { title } of surplus) await this.#drop(title.lane, 'released');
      await store.release(surplus.map(({ title }) => this.#marked(title)));
    }
    if (this.#owned.size >= share) return;
    for (const title of await store.claim(
      share - this.#owned.size,
      this.#owned.all().map(({ title }) => title.lane),
    ))
      await this.#take(title);
  }

  #marked(title: LaneTitle) {
    return { lane: title.lane, epoch: title.epoch, published: this.#options.announcer.published(title) };
  }

  async #take(title: LaneTitle): Promise<void> {
    await this.#drop(title.lane, 'lost'); // a title of our own that had run out
    const owned = this.#owned.add(title);
    this.#options.announcer.open(title);
    this.#observe({ kind: 'claimed', lane: title.lane });
    await this.#reread(owned);
  }

  async #drop(lane: number, kind: 'lost' | 'released'): Promise<void> {
    const owned = this.#owned.get(lane);
    if (!owned) return;
    this.#owned.remove(lane);
    this.#options.announcer.close(lane);
    this.#observe({ kind, lane });
    await owned.reader?.stop();
  }

  async #dropAll(): Promise<void> {
    for (const { title } of this.#owned.all()) await this.#drop(title.lane, 'lost');
  }

  async #rereadSuspects(): Promise<void> {
    const suspects = [...this.#suspects];
    this.#suspects.clear();
    for (const lane of suspects) {
      const owned = this.#owned.get(lane);
      if (owned) await this.#reread(owned);
    }
  }

  /** Checks the cursor against the log and reads on from it with a new reader. */
  async #reread(owned: OwnedLane): Promise<void> {
    const { store, log, subjects, lanes, logger } = this.#options;
    const { lane } = owned.title;
    await owned.reader?.stop();
    this.#owned.discard(owned);
    if (!(await log.holds(lane, owned.title.cursor))) {
      logger.error(
        { lane, cursor: owned.title.cursor },
        'the command log was rolled back: reading the lane again',
      );
      this.#observe({ kind: 'rolled-back', lane });
      owned.title = await store.raiseStreamEpoch(lane, owned.title.epoch);
    }
    const { streamEpoch, cursor } = owned.title;
    const reading = { lane, streamEpoch, lanes, subjects };
    owned.suspectSeq = 0;
    const reader = log.read(lane, cursor.seq, (message) =>
      owned.reader === reader ? this.#owned.push(owned, parseEntry(message, reading)) : Promise.resolve(),
    );
    owned.reader = reader;
  }

  /**
   * Beside the loop, every few seconds: is the log still the one that was read, and does every reader still deliver?
   * It only raises suspicion; the loop acts on it.
   */
  async #inspect(signal: AbortSignal): Promise<void> {
    const { clock, inspectEveryMs, logger } = this.#options;
    while (!signal.aborted) {
      await clock.sleep(inspectEveryMs, signal);
      const looks = this.#owned.all().map((owned) => this.#inspectLane(owned));
      const failed = (await Promise.allSettled(looks)).find((look) => look.status === 'rejected');
      if (failed) logger.warn({ err: failed.reason }, 'could not inspect the command log');
    }
  }

  async #inspectLane(owned: OwnedLane): Promise<void> {
    const { log } = this.#options;
    const { lane, cursor } = owned.title;
    const lastSeq = await log.lastSeq(lane);
    const silent = owned.title.cursor.seq === cursor.seq && owned.buffer.length === 0 && lastSeq > cursor.seq;
    const stalled = silent && owned.suspectSeq > cursor.seq;
    owned.suspectSeq = silent ? lastSeq : 0;
    if (stalled) this.#observe({ kind: 'stalled', lane });
    if (stalled || owned.reader?.broken || !(await log.holds(lane, cursor))) {
      this.#suspects.add(lane);
      this.#wake();
    }
  }

  async #leave(): Promise<void> {
    const { store } = this.#options;
    const owned = this.#owned.all();
    const titles = owned.map(({ title }) => this.#marked(title));
    await this.#dropAll();
    await store.release(titles);
    await store.leave();
  }

  #observe(event: ProcessEvent): void {
    this.#options.observe?.(event);
  }
}
