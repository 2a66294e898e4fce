import { createSubjects, type Outcome } from '@b2b-charge/contracts';
import type { Logger } from '@b2b-charge/runtime';
import { LedgerProcess } from '../src/process/ledger-process.ts';
import type { CommandLog, LedgerStore } from '../src/process/ports.ts';
import type { Announcer, Clock, ProcessEvent } from '../src/process/process-options.ts';
import type { LaneMarks } from '../src/recovery/lane-marks.ts';
import { type AnnouncedHistory, LostTailRecovery } from '../src/recovery/recovery.ts';
import type { Database } from './database.ts';
import type { EventLog } from './event-log.ts';
import { PHONE_SALT_KEY, TEHRAN } from './given.ts';
import { SimAnnouncer } from './sim-announcer.ts';
import { SimLog } from './sim-log.ts';
import { simHistory, simMarks } from './sim-recovery.ts';
import { type Fence, LEASE_MS, SimStore } from './sim-store.ts';
import type { Stream } from './stream.ts';
import type { Machine, World } from './world.ts';

export const SUBJECTS = createSubjects('sim');
/** Smaller than a schedule's bursts, so that batches are cut. */
const BATCH_LIMIT = 8;

/** What a planted defect may put between a ledger process and its world. */
export interface Ports {
  readonly store: LedgerStore;
  readonly log: CommandLog;
  readonly announcer: Announcer;
  readonly marks: LaneMarks;
  readonly history: AnnouncedHistory;
}

export interface FleetParts {
  readonly world: World;
  readonly database: Database;
  readonly stream: Stream;
  readonly events: EventLog;
  reply(subject: string, outcome: Outcome): void;
  /** For planted defects. */
  tamper(ports: Ports): Ports;
  /** A planted defect: what a process does when its connection to the log comes back. */
  readonly resync: boolean;
  /** A planted defect: what the database compares before it lets a lane be moved. */
  readonly fence: Fence | undefined;
}

/** One run of one ledger process, from its start to its end. */
export interface Member {
  readonly machine: Machine;
  readonly ledger: LedgerProcess;
  readonly store: SimStore;
  readonly log: SimLog;
  stopping: boolean;
  ended: boolean;
}

/** The ledger processes: real ones, on simulated machines. */
export class Fleet {
  readonly members: Member[] = [];
  /** What the processes told of themselves. */
  readonly observed: ProcessEvent[] = [];
  readonly #parts: FleetParts;
  #started = 0;

  constructor(parts: FleetParts) {
    this.#parts = parts;
  }

  get alive(): Member[] {
    return this.members.filter(({ machine, ended }) => machine.alive && !ended);
  }

  start(): void {
    const { world, database, stream, events, reply, tamper, fence } = this.#parts;
    const machine: Machine = { name: `ledger-${++this.#started}`, alive: true, frozenUntilMs: 0 };
    const store = new SimStore(world, database, machine, fence);
    const log = new SimLog(world, stream, machine);
    const announcer = new SimAnnouncer({ world, database, machine, events, reply });
    const logger = loggerOf(world, machine);
    const surroundings = { world, machine, database, events };
    const ports = tamper({
      store,
      log,
      announcer,
      marks: simMarks(surroundings),
      history: simHistory(surroundings),
    });
    const recovery = new LostTailRecovery({
      marks: ports.marks,
      events: ports.history,
      log,
      logger,
      lanes: database.lanes.length,
      wentBack: () => this.observed.push({ kind: 'database-went-back' }),
    });
    const ledger = new LedgerProcess({
      store: ports.store,
      log: ports.log,
      announcer: ports.announcer,
      recovery,
      clock: clockOf(world, machine),
      logger,
      subjects: SUBJECTS,
      lanes: database.lanes.length,
      phoneSaltKey: PHONE_SALT_KEY,
      timeZone: TEHRAN,
      batchLimit: BATCH_LIMIT,
      renewEveryMs: LEASE_MS / 4,
      inspectEveryMs: 500,
      observe: (event) => this.observed.push(event),
    });
    const member: Member = { machine, ledger, store, log, stopping: false, ended: false };
    this.members.push(member);
    world.note(machine.name, 'starts');
    void ledger.run().then(() => {
      member.ended = true;
      machine.alive = false;
      world.note(machine.name, 'has ended');
    });
  }

  /** SIGTERM. */
  stop(member: Member): void {
    this.#parts.world.note(member.machine.name, 'is asked to stop');
    member.stopping = true;
    member.ledger.stop();
  }

  /** SIGKILL, or the power. */
  kill({ machine, store }: Member): void {
    this.#parts.world.note(machine.name, 'is killed');
    machine.alive = false;
    store.abandon();
  }

  /** SIGSTOP, or a long pause of any kind. */
  freeze({ machine }: Member, ms: number): void {
    this.#parts.world.note(machine.name, 'freezes for', ms, 'ms');
    machine.frozenUntilMs = this.#parts.world.now + ms;
  }

  /** The connection to the log came back: the process is told, then its old readers may go on. */
  reconnected({ machine, ledger }: Member, thenRun: () => void): void {
    const { world, resync } = this.#parts;
    const back = () => {
      world.note(machine.name, 'is connected to the log again');
      if (resync) ledger.resync();
      world.after(0, thenRun, machine);
    };
    world.after(world.random.between(0, 150), back, machine);
  }
}

function clockOf(world: World, machine: Machine): Clock {
  const skewMs = world.random.between(-10_000, 10_000);
  return {
    now: () => world.now + skewMs,
    sleep(ms, signal) {
      const { promise, resolve } = Promise.withResolvers<void>();
      signal?.addEventListener('abort', () => resolve(), { once: true });
      if (signal?.aborted) resolve();
      else world.after(ms, resolve, machine);
      return promise;
    },
  };
}

const loggerOf = (world: World, machine: Machine): Logger => {
  const note = (fields: { err?: unknown }, text: string) =>
    world.note(machine.name, 'says:', text, fields.err ? String(fields.err) : '');
  return { error: note, warn: note, info: note } as unknown as Logger;
};
