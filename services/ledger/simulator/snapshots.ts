import type { VendorId } from '@b2b-charge/contracts';
import type { Database } from './database.ts';
import type { EventLog } from './event-log.ts';
import type { World } from './world.ts';

interface Unannounced {
  readonly vendorId: VendorId;
  readonly messageId: string;
  readonly status: string;
  /** Something else that was lost had been announced: else nobody can know that anything was. */
  readonly isNoticed: boolean;
}

/** Backups of the database, and what became of what they lack. */
export class Snapshots {
  /** Transactions that went with a database and that no event had told of: they come again, by another id. */
  readonly unannounced = new Map<string, Unannounced>();
  readonly #world: World;
  readonly #database: Database;
  readonly #events: EventLog;
  readonly #kept: (() => void)[] = [];
  readonly #cursors: number[] = [];
  readonly #goneBack: { readonly atMs: number; readonly aliveMs: number }[] = [];

  constructor(world: World, database: Database, events: EventLog) {
    this.#world = world;
    this.#database = database;
    this.#events = events;
  }

  take(): void {
    this.#kept.push(this.#database.copy());
    this.#cursors.push(Math.min(...this.#database.lanes.map(({ cursor }) => cursor.seq)));
  }

  get any(): boolean {
    return this.#kept.length > 0;
  }

  get wentBack(): boolean {
    return this.#goneBack.length > 0;
  }

  /** The log must reach back as far as the oldest of them. */
  get neededFrom(): number {
    return Math.min(Number.POSITIVE_INFINITY, ...this.#cursors) + 1;
  }

  /** Puts one of them in the place of the database; what came later is gone. */
  restore(): void {
    const before = [...this.#database.books.byId.values()];
    const index = this.#world.random.between(0, this.#kept.length - 1);
    this.#kept[index]!();
    // Another timeline, in which nobody has compared anything.
    for (const row of this.#database.lanes) row.comparedEpoch = -1;
    // What was saved of the time that is no more cannot be restored again: it may hold what will come out otherwise.
    this.#kept.length = index + 1;
    this.#cursors.length = index + 1;
    const lost = before.filter(({ id }) => !this.#database.books.byId.has(id));
    const isNoticed = lost.some(({ id }) => this.#events.has(id));
    for (const { id, vendorId, messageId, status } of lost)
      if (!this.#events.has(id)) this.unannounced.set(id, { vendorId, messageId, status, isNoticed });
    this.#goneBack.push({ atMs: this.#world.now, aliveMs: this.#events.aliveMs });
    this.#world.note('database: went back and lost', lost.length, 'transactions');
  }

  /** Whether the database went back after an instant, and nothing had been announced from a deadline on until then. */
  mayBeExecuted(toldMs: number, expiresAtMs: number): boolean {
    return this.#goneBack.some(({ atMs, aliveMs }) => atMs >= toldMs && aliveMs < expiresAtMs);
  }
}
