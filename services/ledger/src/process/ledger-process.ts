import type { Subjects } from '@b2b-charge/contracts';
import type { Logger } from '@b2b-charge/runtime';
import type { LogEntry } from '../domain/command.ts';
import { DeposedError } from '../store/errors.ts';
import { type CommittedBatch, commitBatch } from './commit-batch.ts';
import { LogReading } from './log-reading.ts';
import { cursorAt, OwnedLanes } from './owned-lanes.ts';
import type { CommandLog, LaneState, LaneTitle, LedgerStore, PublishedMark } from './ports.ts';

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
  /** Undefined if there is room for another batch; else resolves when there is. */
  room(): Promise<void> | undefined;
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
  | { kind: 'claimed' | 'lost' | 'released' | 'rolled-back'; lane: number }
  | { kind: 'stalled' }
  | { kind: 'fault'; error: unknown };

const MAX_PAUSE_MS = 2_000;

/**
 * One ledger process: it owns a fair share of the lanes and decides their commands, one batch at a time, over one
 * connection. Everything happens in one loop, in order: renew and share the lanes, take a batch, decide, commit.
 */
export class LedgerProcess {
  readonly #options: ProcessOptions;
  readonly #owned = new OwnedLanes();
  readonly #reading: LogReading;
  readonly #stopping = new AbortController();
  #renewAt = 0;
  /** The log must be compared with the cursors and read anew before the next batch. */
  #rereadWanted = false;
  #suspectSeq = 0;
  #wake = () => {};

  constructor(options: ProcessOptions) {
    this.#options = options;
    this.#reading = new LogReading({ ...options, owned: this.#owned });
  }

  get lanes(): readonly LaneTitle[] {
    return this.#owned.all();
  }

  /** Entries read and not yet decided. */
  get waiting(): number {
    return this.#owned.waiting;
  }

  /**
   * The connection to the log was lost and came back: the reader is rebuilt from the cursors. The old one is cut off at
   * once: going on in a log that was rolled back and has grown again, it would miss what stands in between for ever.
   */
  resync(): void {
    this.#reading.stop();
    this.#rereadWanted = true;
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
        this.#dropAll();
        await clock.sleep(Math.min(50 * 2 ** Math.min(failures++, 10), MAX_PAUSE_MS), signal);
      }
    }
    await inspecting;
    await store.close().catch(() => {});
  }

  async #turn(): Promise<void> {
    const { clock, announcer, batchLimit } = this.#options;
    if (clock.now() >= this.#renewAt) await this.#shareLanes();
    if (this.#rereadWanted) return this.#reread();
    const full = announcer.room();
    if (full) return this.#idle(full);
    const batch = this.#owned.take(batchLimit);
    if (batch.length > 0) return this.#execute(batch);
    await this.#idle(this.#owned.arrival());
  }

  /** Waits for something, but not beyond the next renewal. */
  async #idle(until: Promise<void>): Promise<void> {
    const { clock } = this.#options;
    const waking = new AbortController();
    this.#wake = () => waking.abort();
    if (this.#stopping.signal.aborted || this.#rereadWanted) return;
    await Promise.race([until, clock.sleep(Math.max(1, this.#renewAt - clock.now()), waking.signal)]);
    waking.abort();
  }

  async #execute(batch: LogEntry[]): Promise<void> {
    const { store, timeZone, clock, announcer, logger } = this.#options;
    const startedAt = clock.now();
    try {
      await commitBatch(batch, {
        store,
        timeZone,
        movesOf: (entries) => this.#owned.movesOf(entries),
        committed: (committed) => {
          this.#owned.moved(committed.moves);
          this.#owned.allDecidedTo(cursorAt(committed.entries.at(-1)!));
          announcer.committed(committed);
        },
        failed: (error, entries, attempt) =>
          logger.error({ err: error, attempt, commands: entries.length }, 'a batch was refused'),
        // Whoever is deposed while it looks for the command at fault leaves it to the next owner, and so on for ever.
        pause: async (attempt) => {
          await this.#renew();
          await clock.sleep(50 * attempt, this.#stopping.signal);
        },
      });
    } catch (error) {
      if (!(error instanceof DeposedError)) throw error;
      // Which lane it was, the renewal tells. What was taken and not committed must be read again: without a reading
      // there is no position that idle lanes could be moved to.
      this.#reading.stop();
      this.#owned.discard();
      this.#renewAt = 0;
      this.#rereadWanted = true;
    }
    this.#observe({ kind: 'batch', size: batch.length, durationMs: clock.now() - startedAt });
  }

  /** Renews the leases, lets go of lanes beyond the fair share, takes what is free up to it. */
  async #shareLanes(): Promise<void> {
    const { store, lanes } = this.#options;
    if (this.#owned.waiting === 0) this.#owned.allDecidedTo(this.#reading.position);
    const processes = await this.#renew();
    const share = Math.ceil(lanes / Math.max(1, processes));
    const surplus = this.#owned.all().slice(share);
    if (surplus.length > 0) {
      const states = surplus.map((title) => this.#stateOf(title));
      for (const { lane } of surplus) this.#drop(lane, 'released');
      await store.release(states);
    }
    if (this.#owned.size < share) await this.#claim(share - this.#owned.size);
  }

  /** Renews the leases, and lets go of what another has taken. Returns the number of ledger processes alive. */
  async #renew(): Promise<number> {
    const { store, clock, renewEveryMs } = this.#options;
    this.#renewAt = clock.now() + renewEveryMs;
    const renewal = await store.renew(this.#owned.all().map((title) => this.#stateOf(title)));
    for (const { lane } of this.#owned.all()) if (!renewal.lanes.has(lane)) this.#drop(lane, 'lost');
    return renewal.processes;
  }

  async #claim(atMost: number): Promise<void> {
    const held = this.#owned.all().map(({ lane }) => lane);
    for (const title of await this.#options.store.claim(atMost, held)) {
      this.#owned.set(title);
      this.#options.announcer.open(title);
      this.#observe({ kind: 'claimed', lane: title.lane });
      this.#rereadWanted = true;
    }
  }

  #stateOf(title: LaneTitle): LaneState {
    const { lane, epoch, cursor } = title;
    return { lane, epoch, cursor, published: this.#options.announcer.published(title) };
  }

  #drop(lane: number, kind: 'lost' | 'released'): void {
    this.#owned.remove(lane);
    this.#options.announcer.close(lane);
    this.#observe({ kind, lane });
  }

  #dropAll(): void {
    this.#reading.stop();
    for (const { lane } of this.#owned.all()) this.#drop(lane, 'lost');
    this.#owned.discard();
  }

  /** Checks the cursors against the log and reads on from the lowest with a new reader. */
  async #reread(): Promise<void> {
    const { store, log, logger } = this.#options;
    this.#rereadWanted = false;
    this.#reading.stop();
    const held = new Map<string, boolean>();
    for (const title of this.#owned.all()) {
      const { lane, epoch, cursor } = title;
      // Lanes at the same place are asked for once; at the same number they may stand in two different logs.
      const place = `${cursor.seq} ${cursor.timeMs} ${cursor.messageId}`;
      if (!held.has(place)) held.set(place, await log.holds(cursor));
      if (held.get(place)) continue;
      logger.error({ lane, cursor }, 'the command log was rolled back: reading the lane again');
      this.#observe({ kind: 'rolled-back', lane });
      this.#owned.set(await store.raiseStreamEpoch(lane, epoch));
    }
    this.#suspectSeq = 0;
    this.#reading.restart();
  }

  /**
   * Beside the loop, every few seconds: is the log still the one that was read, and does the reader still deliver?
   * It only raises suspicion; the loop acts on it.
   */
  async #inspect(signal: AbortSignal): Promise<void> {
    const { clock, inspectEveryMs, logger } = this.#options;
    while (!signal.aborted) {
      await clock.sleep(inspectEveryMs, signal);
      if (signal.aborted || this.#owned.size === 0) continue;
      try {
        if (await this.#isSuspect()) this.resync();
      } catch (error) {
        logger.warn({ err: error }, 'could not inspect the command log');
      }
    }
  }

  async #isSuspect(): Promise<boolean> {
    const { log } = this.#options;
    const { position } = this.#reading;
    const lastSeq = await log.lastSeq();
    const silent =
      this.#owned.waiting === 0 && lastSeq > position.seq && this.#reading.position.seq === position.seq;
    const stalled = silent && this.#suspectSeq > position.seq;
    this.#suspectSeq = silent ? lastSeq : 0;
    if (stalled) this.#observe({ kind: 'stalled' });
    return stalled || this.#reading.broken || !(await log.holds(position));
  }

  async #leave(): Promise<void> {
    const { store } = this.#options;
    const states = this.#owned.all().map((title) => this.#stateOf(title));
    this.#dropAll();
    await store.release(states);
    await store.leave();
  }

  #observe(event: ProcessEvent): void {
    this.#options.observe?.(event);
  }
}
