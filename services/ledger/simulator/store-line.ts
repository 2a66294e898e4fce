import { StoreUnavailableError } from '../src/store/errors.ts';
import type { Backend, Database } from './database.ts';
import type { Machine, World } from './world.ts';

const BLOCKED: unique symbol = Symbol('blocked');
type Blocked = typeof BLOCKED;
const RETRY_LOCK_MS = 5;

/** How likely each fault is for one request. */
export interface LineFaults {
  /** The connection breaks before the request arrives. */
  readonly cut: number;
  /** The request is carried out, and the connection breaks before the answer. */
  readonly answerLost: number;
  /** The client sees the connection break; the server does not notice for a while, and carries out what comes late. */
  readonly halfOpen: number;
  /** The client is paused while it sends, for longer than its lease. */
  readonly paused: number;
  /** The server refuses this one and stays well. */
  readonly refuse?: number;
}

export const LINE_FAULTS: LineFaults = { cut: 0.004, answerLost: 0.006, halfOpen: 0.004, paused: 0.003 };

interface Waiting {
  readonly backend: Backend;
  reject(error: Error): void;
}

/** One client's connection to the simulated database: requests arrive in order, answers come or do not. */
export class StoreLine {
  static readonly BLOCKED: Blocked = BLOCKED;
  readonly #world: World;
  readonly #database: Database;
  readonly #machine: Machine;
  #backend: Backend | null = null;
  readonly #waiting = new Set<Waiting>();

  constructor(world: World, database: Database, machine: Machine) {
    this.#world = world;
    this.#database = database;
    this.#machine = machine;
  }

  connect(): Promise<void> {
    this.close();
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const world = this.#world;
    world.after(world.latency(), () => {
      const backend = { client: this.#machine.name, open: true, transaction: null, lastArrivalMs: 0 };
      const { up, backends } = this.#database;
      if (up) backends.add(backend);
      const answer = () => {
        if (!up) return reject(new StoreUnavailableError('the database is down'));
        this.#backend = backend;
        resolve();
      };
      world.after(world.latency(), answer, this.#machine);
    });
    return promise;
  }

  close(): void {
    const backend = this.#backend;
    this.#backend = null;
    if (!backend) return;
    this.#world.after(this.#world.latency(), () => this.#database.disconnect(backend));
    this.#failWaiting(backend);
  }

  abandon(): void {
    const { random } = this.#world;
    const backend = this.#backend;
    if (backend)
      this.#world.after(random.chance(0.5) ? 0 : random.between(0, 800), () =>
        this.#database.disconnect(backend),
      );
  }

  /** Sends a request. `work` is done on the server, at once and undivided; it may answer BLOCKED to be asked again. */
  ask<T>(label: string, faults: LineFaults, work: (backend: Backend) => T): Promise<Exclude<T, Blocked>> {
    const { promise, resolve, reject } = Promise.withResolvers<Exclude<T, Blocked>>();
    const world = this.#world;
    const backend = this.#backend;
    if (!backend) {
      world.after(0, () => reject(new StoreUnavailableError('not connected')), this.#machine);
      return promise;
    }
    const waiting = { backend, reject };
    this.#waiting.add(waiting);
    const fault = this.#chooseFault(faults);
    if (fault) world.note(this.#machine.name, label, 'meets the fault', fault);
    if (fault === 'cut') this.#break(backend);
    if (fault === 'halfOpen') this.#loseTouch(backend);
    const answer = (settle: () => void) => {
      if (fault === 'answerLost') return this.#break(backend);
      world.after(world.latency(), () => this.#waiting.delete(waiting) && settle(), this.#machine);
    };
    const arrive = () => {
      if (!backend.open) return this.#break(backend);
      if (this.#database.paused) return world.after(RETRY_LOCK_MS, arrive);
      try {
        if (fault === 'refuse') {
          this.#database.end(backend);
          throw new Error('the database refused the batch, this once');
        }
        const result = work(backend);
        if (result === BLOCKED) world.after(RETRY_LOCK_MS, arrive);
        else answer(() => resolve(result as Exclude<T, Blocked>));
      } catch (error) {
        answer(() => reject(error));
      }
    };
    // One connection keeps the order of its requests.
    const pauseMs = fault === 'paused' ? world.random.between(800, 2_500) : 0;
    this.#machine.frozenUntilMs = Math.max(this.#machine.frozenUntilMs, world.now + pauseMs);
    backend.lastArrivalMs = Math.max(backend.lastArrivalMs, world.now + world.latency() + pauseMs);
    world.after(backend.lastArrivalMs - world.now, arrive);
    return promise;
  }

  #chooseFault(faults: LineFaults): keyof LineFaults | null {
    if (!this.#world.faulty) return null;
    let dice = this.#world.random.next();
    for (const [fault, probability] of Object.entries(faults)) {
      dice -= probability;
      if (dice < 0) return fault as keyof LineFaults;
    }
    return null;
  }

  /** Both ends see the connection break. */
  #break(backend: Backend): void {
    this.#database.disconnect(backend);
    this.#loseBackend(backend);
  }

  #loseTouch(backend: Backend): void {
    this.#world.after(this.#world.random.between(100, 1_500), () => this.#database.disconnect(backend));
    this.#loseBackend(backend);
  }

  #loseBackend(backend: Backend): void {
    if (this.#backend === backend) this.#backend = null;
    this.#world.after(this.#world.latency(), () => this.#failWaiting(backend), this.#machine);
  }

  #failWaiting(backend: Backend): void {
    for (const waiting of [...this.#waiting]) {
      if (waiting.backend !== backend) continue;
      this.#waiting.delete(waiting);
      waiting.reject(new StoreUnavailableError('the connection to the database broke'));
    }
  }
}
