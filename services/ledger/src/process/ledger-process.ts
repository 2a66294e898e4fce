import type { LogEntry } from '../domain/command.ts';
import { DeposedError } from '../store/errors.ts';
import { commitBatch } from './commit-batch.ts';
import { LogReading } from './log-reading.ts';
import { LogWatch } from './log-watch.ts';
import { cursorAt, OwnedLanes } from './owned-lanes.ts';
import type { LaneState, LaneTitle } from './ports.ts';
import type { ProcessEvent, ProcessOptions } from './process-options.ts';
import { rolledBack } from './rolled-back.ts';

const MAX_PAUSE_MS = 2_000;

/**
 * One ledger process: it owns a fair share of the lanes and decides their commands, one batch at a time, over one
 * connection. Everything happens in one loop, in order: renew and share the lanes, take a batch, decide, commit.
 */
export class LedgerProcess {
  readonly #options: ProcessOptions;
  readonly #owned = new OwnedLanes();
  readonly #reading: LogReading;
  readonly #watch: LogWatch;
  readonly #stopping = new AbortController();
  #renewAt = 0;
  /** The log must be compared with the cursors and read anew before the next batch. */
  #rereadWanted = false;
  /** Lanes taken over and not yet compared with what was announced. */
  readonly #uncompared = new Set<number>();
  #wake = () => {};
  #alarmAt = 0;

  constructor(options: ProcessOptions) {
    this.#options = options;
    this.#reading = new LogReading({ ...options, owned: this.#owned, broke: () => this.resync() });
    this.#watch = new LogWatch({ ...options, owned: this.#owned, reading: this.#reading });
  }

  get lanes(): readonly LaneTitle[] {
    return this.#owned.all();
  }

  /** Entries read and not yet decided. */
  get waiting(): number {
    return this.#owned.waiting;
  }

  /** When the log stored the oldest undecided command that was read for each lane that has one, ms since 1970. */
  oldestByLane(): Map<number, number> {
    return this.#owned.oldestByLane();
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
    const watching = this.#watch.run(signal, () => this.resync());
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
    await watching;
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
    const woken = Promise.withResolvers<void>();
    this.#wake = woken.resolve;
    if (this.#stopping.signal.aborted || this.#rereadWanted) return;
    void until.then(woken.resolve);
    this.#setAlarm();
    await woken.promise;
  }

  /** One sleep until the next renewal, however often there is something to do before: making and ending one is dear. */
  #setAlarm(): void {
    if (this.#alarmAt === this.#renewAt) return;
    const { clock } = this.#options;
    const at = this.#renewAt;
    this.#alarmAt = at;
    void clock.sleep(Math.max(1, at - clock.now()), this.#stopping.signal).then(() => {
      if (this.#alarmAt === at) this.#alarmAt = 0; // not due yet by the process's own clock: set again
      this.#wake();
    });
  }

  async #execute(batch: LogEntry[]): Promise<void> {
    const { store, timeZone, clock, announcer, recovery, logger } = this.#options;
    const startedAt = clock.now();
    try {
      await commitBatch(batch, {
        store,
        timeZone,
        movesOf: (entries) => this.#owned.movesOf(entries),
        committed: (committed) => {
          this.#owned.moved(committed.moves);
          for (const { lane, cursor } of committed.moves) recovery.passed(lane, cursor.seq);
          this.#owned.allDecidedTo(cursorAt(committed.entries.at(-1)!));
          announcer.committed(committed);
        },
        failed: (error, entries, attempt) =>
          logger.error(
            { err: error, attempt, commands: entries.length, message_id: entries[0]?.messageId },
            'a batch was refused',
          ),
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
      this.#uncompared.add(title.lane);
      this.#options.announcer.open(title);
      this.#observe({ kind: 'claimed', lane: title.lane });
      this.#rereadWanted = true;
    }
  }

  /** The published time stays until the lane is compared and replayed: its next owner reads events back to there. */
  #stateOf(title: LaneTitle): LaneState {
    const { announcer, recovery } = this.#options;
    if (this.#uncompared.has(title.lane)) return title;
    const published = announcer.published(title);
    return { ...title, published: recovery.isReplaying(title) ? { ...published, atMs: null } : published };
  }

  #drop(lane: number, kind: 'lost' | 'released'): void {
    this.#owned.remove(lane);
    this.#uncompared.delete(lane);
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
    const { store, log, recovery, announcer, logger } = this.#options;
    this.#rereadWanted = false;
    this.#reading.stop();
    for (const { lane, epoch, cursor } of await rolledBack(this.#owned.all(), log)) {
      logger.error({ lane, cursor }, 'the command log was rolled back: reading the lane again');
      this.#observe({ kind: 'rolled-back', lane });
      const raised = await store.raiseStreamEpoch(lane, epoch, await recovery.announcedBefore(cursor));
      this.#owned.set(raised);
      announcer.open(raised);
    }
    if (this.#uncompared.size > 0) {
      await recovery.compare(this.#owned.all().filter(({ lane }) => this.#uncompared.has(lane)));
      this.#uncompared.clear();
    }
    this.#watch.forget();
    this.#reading.restart();
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
