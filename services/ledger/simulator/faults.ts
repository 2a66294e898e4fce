import { accounts } from './accounts.ts';
import type { Callers } from './callers.ts';
import type { Database } from './database.ts';
import type { Fleet, Member } from './fleet.ts';
import { Random } from './random.ts';
import type { ReaderFate } from './sim-reader.ts';
import type { Snapshots } from './snapshots.ts';
import type { Stream } from './stream.ts';
import type { World } from './world.ts';

interface Parts {
  readonly world: World;
  readonly database: Database;
  readonly stream: Stream;
  readonly fleet: Fleet;
  readonly callers: Callers;
  readonly snapshots: Snapshots;
  /** Ledger processes that there are to be. */
  readonly processes: number;
}

const KINDS = {
  kill: 3,
  freeze: 3,
  stop: 2,
  'database restart': 1,
  'log crash': 3,
  'log burnt': 0.3,
  'log connection': 2,
  'log reader': 1,
  'log trim': 1,
  'database went back': 0,
} as const;
type Kind = keyof typeof KINDS;
/** Either the log loses its tail or the database: what was in both alone nobody can bring back. */
const WHERE_THE_DATABASE_GOES_BACK = {
  ...KINDS,
  'log crash': 0,
  'log burnt': 0,
  'database went back': 1.5,
};
const GOES_BACK = 0.3;
const SNAPSHOT_EVERY_MS = 300;
/** An erasure is no fault: it comes as often in calm times. */
const ERASE_EVERY_MS = 150;
/** Between two faults, on average. */
const GAP_MS = 900;
const SYNC_EVERY_MS = 400;

/** What goes wrong, besides what goes wrong with single requests. */
export class Faults {
  readonly counts: Record<string, number> = {};
  readonly #parts: Parts;
  readonly #erasures = new Random(1);
  #kinds: Readonly<Record<Kind, number>> = KINDS;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  start(): void {
    if (this.#parts.world.random.chance(GOES_BACK)) {
      this.#kinds = WHERE_THE_DATABASE_GOES_BACK;
      // What was not announced is decided as of the log's clock, which must be the database's.
      this.#parts.stream.skewMs = this.#parts.database.skewMs;
      this.#takeSnapshots();
    }
    this.#sync();
    this.#erase();
    this.#next();
  }

  /** The end of all faults: everything that is down comes back. */
  heal(): void {
    const { world, database, stream, fleet, processes } = this.#parts;
    world.note('everything is well from now on');
    world.faulty = false;
    database.up = true;
    if (!stream.up) this.#logReturns();
    while (fleet.alive.filter(({ stopping }) => !stopping).length < processes) fleet.start();
  }

  #sync(): void {
    const { world, stream } = this.#parts;
    if (stream.up) stream.sync();
    world.after(SYNC_EVERY_MS, () => this.#sync());
  }

  /** A person's number leaves the books while everything goes on. Chance of its own leaves the faults as they were. */
  #erase(): void {
    const { world, database } = this.#parts;
    const rows = [...database.books.byId.values()].filter(({ phoneNumber }) => phoneNumber !== null);
    if (database.up && rows.length > 0) {
      database.books.erase(this.#erasures.pick(rows));
      this.counts.erasure = (this.counts.erasure ?? 0) + 1;
    }
    world.after(ERASE_EVERY_MS, () => this.#erase());
  }

  #next(): void {
    const { world } = this.#parts;
    world.after(world.random.between(0, 2 * GAP_MS), () => {
      if (!world.faulty) return;
      const kind = world.random.weighted(this.#kinds);
      this.counts[kind] = (this.counts[kind] ?? 0) + 1;
      this.#causes[kind]();
      this.#next();
    });
  }

  readonly #causes: Record<Kind, () => void> = {
    kill: () => {
      const victim = this.#victim();
      if (victim) this.#parts.fleet.kill(victim);
      this.#startAnother();
    },
    stop: () => {
      const victim = this.#victim();
      if (victim) this.#parts.fleet.stop(victim);
      this.#startAnother();
    },
    freeze: () => {
      const { random } = this.#parts.world;
      const victim = this.#victim();
      const ms = random.chance(0.5) ? random.between(20, 400) : random.between(900, 3_000);
      if (victim) this.#parts.fleet.freeze(victim, ms);
    },
    'database restart': () => this.#restartDatabase(),
    'log crash': () => this.#crashLog(() => this.#parts.stream.crash()),
    'log burnt': () => this.#crashLog(() => this.#parts.stream.burn()),
    'log connection': () => {
      const victim = this.#victim();
      if (victim && this.#parts.stream.up) this.#interrupt([victim]);
    },
    'log reader': () => {
      for (const reader of this.#victim()?.log.readers ?? []) {
        reader.interrupt();
        if (this.#parts.world.random.chance(0.5)) reader.break();
      }
    },
    'log trim': () => {
      const { stream, database, callers, snapshots } = this.#parts;
      const isAccounted = accounts(database, callers);
      stream.trim((message) => message.streamSeq < snapshots.neededFrom && isAccounted(message));
    },
    'database went back': () => {
      if (!this.#parts.snapshots.any) return;
      if (this.#parts.world.random.chance(0.5)) return this.#swapDatabase();
      this.#restartDatabase();
      this.#parts.snapshots.restore();
    },
  };

  #takeSnapshots(): void {
    const { world, snapshots } = this.#parts;
    if (!world.faulty) return;
    snapshots.take();
    world.after(world.random.between(0, 2 * SNAPSHOT_EVERY_MS), () => this.#takeSnapshots());
  }

  #victim(): Member | null {
    const { fleet, world } = this.#parts;
    return fleet.alive.length > 0 ? world.random.pick(fleet.alive) : null;
  }

  #startAnother(): void {
    const { world, fleet, processes } = this.#parts;
    world.after(world.random.between(50, 2_500), () => {
      if (fleet.alive.filter(({ stopping }) => !stopping).length < processes) fleet.start();
    });
  }

  #restartDatabase(): void {
    const { world, database } = this.#parts;
    world.note('database: restarts');
    database.up = false;
    for (const backend of [...database.backends]) database.disconnect(backend);
    world.after(world.random.between(50, 1_500), () => {
      database.up = true;
    });
  }

  /** It goes back behind a pooler: only connections that are in a transaction break. */
  #swapDatabase(): void {
    const { world, database, snapshots } = this.#parts;
    world.note('database: is paused');
    for (const backend of [...database.backends]) if (backend.transaction) database.disconnect(backend);
    database.paused = true;
    world.after(world.random.between(50, 1_500), () => {
      database.paused = false;
      if (!world.faulty) return;
      this.counts['database went back unseen'] = (this.counts['database went back unseen'] ?? 0) + 1;
      snapshots.restore();
    });
  }

  #crashLog(crash: () => void): void {
    const { world, stream } = this.#parts;
    if (!stream.up) return;
    crash();
    world.after(world.random.between(20, 1_200), () => {
      if (!stream.up) this.#logReturns();
    });
  }

  #logReturns(): void {
    const { world, stream, fleet } = this.#parts;
    stream.up = true;
    world.note('log: is back after', stream.lastSeq);
    this.#interrupt(fleet.alive);
  }

  /** Connections to the log are new: what was being read stops, breaks, or goes on where it had been. */
  #interrupt(members: readonly Member[]): void {
    const { world, fleet } = this.#parts;
    const fates: ReaderFate[] = ['breaks', 'falls silent', 'resumes'];
    for (const member of members) {
      const readers = [...member.log.readers].filter(({ done }) => !done);
      for (const reader of readers) reader.interrupt();
      fleet.reconnected(member, () => {
        for (const reader of readers) {
          const fate = world.random.pick(fates);
          if (fate === 'breaks') reader.break();
          if (fate === 'resumes') reader.resume();
        }
      });
    }
  }
}
