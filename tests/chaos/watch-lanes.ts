import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import { type LaneRow, readLanes } from './check/rows.ts';

const EVERY_MS = 250;

export interface LaneChanges {
  /** Lanes that came to another process, as far as the looks saw it. */
  takeovers: number;
  /** Ends of ownership of any kind: what the fence was raised by. */
  epochsRaised: number;
  /** Rollbacks of the log, counted per lane. */
  streamEpochsRaised: number;
}

/** Watches who owns the lanes. While PostgreSQL is away nobody can see it, and nobody can take one. */
export class LaneWatch {
  readonly #db: pg.Pool;
  readonly #owners = new Map<number, string>();
  #first: readonly LaneRow[] = [];
  #last: readonly LaneRow[] = [];
  #takeovers = 0;

  constructor(db: pg.Pool) {
    this.#db = db;
  }

  async run(until: AbortSignal): Promise<void> {
    while (!until.aborted) {
      await this.look().catch(() => {});
      await sleep(EVERY_MS, undefined, { signal: until }).catch(() => {});
    }
  }

  async look(): Promise<void> {
    const lanes = await readLanes(this.#db);
    if (this.#first.length === 0) this.#first = lanes;
    this.#last = lanes;
    for (const { lane, owner } of lanes) {
      if (owner === null) continue;
      const before = this.#owners.get(lane);
      if (before !== undefined && before !== owner) this.#takeovers++;
      this.#owners.set(lane, owner);
    }
  }

  get changes(): LaneChanges {
    const sum = (lanes: readonly LaneRow[], of: (lane: LaneRow) => number) =>
      lanes.reduce((total, lane) => total + of(lane), 0);
    const raised = (of: (lane: LaneRow) => number) => sum(this.#last, of) - sum(this.#first, of);
    return {
      takeovers: this.#takeovers,
      epochsRaised: raised(({ epoch }) => Number(epoch)),
      streamEpochsRaised: raised(({ stream_epoch }) => stream_epoch),
    };
  }
}
