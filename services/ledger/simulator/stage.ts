import { Callers, LANES } from './callers.ts';
import { Database } from './database.ts';
import { EventLog } from './event-log.ts';
import { Fleet, type Ports } from './fleet.ts';
import { judge } from './oracle.ts';
import type { Fence } from './sim-store.ts';
import { Snapshots } from './snapshots.ts';
import { Stream } from './stream.ts';
import { World } from './world.ts';

/** A defect to put into a schedule, to see whether it is found. */
export interface Plant {
  tamper?(ports: Ports, world: World, database: Database, stream: Stream): Ports;
  /** False: a process that is connected to the log again goes on as if nothing had been. */
  readonly resync?: boolean;
  readonly fence?: Fence;
}

export interface StageOptions {
  readonly seed: number;
  readonly tracing?: boolean;
  readonly plant?: Plant;
}

/** After the last fault everything must be done within this. */
const PATIENCE_MS = 60_000;

/** Callers, the log, ledger processes and a database, in one virtual time. */
export class Stage {
  readonly world: World;
  readonly database: Database;
  readonly stream: Stream;
  readonly callers: Callers;
  readonly fleet: Fleet;
  readonly events = new EventLog();
  readonly snapshots: Snapshots;

  constructor({ seed, tracing = false, plant = {} }: StageOptions) {
    const world = new World(seed, tracing);
    const database = new Database(world, LANES);
    const stream = new Stream(world);
    const callers = new Callers(world, stream, database);
    this.fleet = new Fleet({
      world,
      database,
      stream,
      events: this.events,
      reply: callers.reply,
      tamper: (ports) => plant.tamper?.(ports, world, database, stream) ?? ports,
      resync: plant.resync ?? true,
      fence: plant.fence,
    });
    this.snapshots = new Snapshots(world, database, this.events);
    this.world = world;
    this.database = database;
    this.stream = stream;
    this.callers = callers;
  }

  async runFor(ms: number): Promise<void> {
    const untilMs = this.world.now + ms;
    await this.world.run(() => this.world.now >= untilMs);
  }

  /** Runs until nobody waits for anything, or for as long as anybody may have to. */
  async settle(): Promise<void> {
    const endMs = this.world.now + PATIENCE_MS;
    let nextLookMs = 0;
    await this.world.run(() => {
      if (this.world.now > endMs) return true;
      if (this.world.now < nextLookMs) return false;
      nextLookMs = this.world.now + 25;
      return this.#isQuiet();
    });
  }

  #isQuiet(): boolean {
    const { callers, database } = this;
    return (
      callers.unsettled.size === 0 &&
      callers.underway === 0 &&
      database.lanes.every(({ cursor, owner }) => owner !== null && this.#isReadTo(cursor.seq)) &&
      [...database.books.byId.keys()].every((id) => this.events.has(id))
    );
  }

  /** Everything that is wrong, once it is quiet. */
  faults(): string[] {
    return [...this.#silence(), ...judge(this)];
  }

  /** Progress: when nothing fails any more, everybody learns their outcome and every lane is read to its end. */
  #silence(): string[] {
    const behind = this.database.lanes.filter(({ cursor }) => !this.#isReadTo(cursor.seq));
    return [
      ...[...this.callers.unsettled].map(({ name }) => `progress: ${name} waits for ever`),
      ...behind.map(
        ({ lane, cursor }) => `progress: lane ${lane} stays at ${cursor.seq} of ${this.stream.lastSeq}`,
      ),
    ];
  }

  #isReadTo(seq: number): boolean {
    return this.stream.isEmpty || seq === this.stream.lastSeq;
  }
}
