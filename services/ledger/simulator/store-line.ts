import { StoreUnavailableError } from '../src/store/errors.ts';
import type { Database, Session } from './database.ts';
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
  readonly session: Session;
  reject(error: Error): void;
}

/** One client's connection to the simulated database: requests arrive in order, answers come or do not. */
export class StoreLine {
  static readonly BLOCKED: Blocked = BLOCKED;
  readonly #world: World;
  readonly #database: Database;
  readonly #machine: Machine;
  #session: Session | null = null;
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
      const session = { client: this.#machine.name, open: true, transaction: null, lastArrivalMs: 0 };
      const { up, sessions } = this.#database;
      if (up) sessions.add(session);
      const answer = () => {
        if (!up) return reject(new StoreUnavailableError('the database is down'));
        this.#session = session;
        resolve();
      };
      world.after(world.latency(), answer, this.#machine);
    });
    return promise;
  }

  close(): void {
    const session = this.#session;
    this.#session = null;
    if (!session) return;
    this.#world.after(this.#world.latency(), () => this.#database.disconnect(session));
    this.#failWaiting(session);
  }

  abandon(): void {
    const { random } = this.#world;
    const session = this.#session;
    if (session)
      this.#world.after(random.chance(0.5) ? 0 : random.between(0, 800), () =>
        this.#database.disconnect(session),
      );
  }

  /** Sends a request. `work` is done on the server, at once and undivided; it may answer BLOCKED to be asked again. */
  ask<T>(label: string, faults: LineFaults, work: (session: Session) => T): Promise<Exclude<T, Blocked>> {
    const { promise, resolve, reject } = Promise.withResolvers<Exclude<T, Blocked>>();
    const world = this.#world;
    const session = this.#session;
    if (!session) {
      world.after(0, () => reject(new StoreUnavailableError('not connected')), this.#machine);
      return promise;
    }
    const waiting = { session, reject };
    this.#waiting.add(waiting);
    const fault = this.#chooseFault(faults);
    if (fault) world.note(this.#machine.name, label, 'meets the fault', fault);
    if (fault === 'cut') this.#break(session);
    if (fault === 'halfOpen') this.#loseTouch(session);
    const answer = (settle: () => void) => {
      if (fault === 'answerLost') return this.#break(session);
      world.after(world.latency(), () => this.#waiting.delete(waiting) && settle(), this.#machine);
    };
    const arrive = () => {
      if (!session.open) return this.#break(session);
      try {
        if (fault === 'refuse') {
          this.#database.end(session);
          throw new Error('the database refused the batch, this once');
        }
        const result = work(session);
        if (result === BLOCKED) world.after(RETRY_LOCK_MS, arrive);
        else answer(() => resolve(result as Exclude<T, Blocked>));
      } catch (error) {
        answer(() => reject(error));
      }
    };
    // One connection keeps the order of its requests.
    const pauseMs = fault === 'paused' ? world.random.between(800, 2_500) : 0;
    this.#machine.frozenUntilMs = Math.max(this.#machine.frozenUntilMs, world.now + pauseMs);
    session.lastArrivalMs = Math.max(session.lastArrivalMs, world.now + world.latency() + pauseMs);
    world.after(session.lastArrivalMs - world.now, arrive);
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
  #break(session: Session): void {
    this.#database.disconnect(session);
    this.#loseSession(session);
  }

  #loseTouch(session: Session): void {
    this.#world.after(this.#world.random.between(100, 1_500), () => this.#database.disconnect(session));
    this.#loseSession(session);
  }

  #loseSession(session: Session): void {
    if (this.#session === session) this.#session = null;
    this.#world.after(this.#world.latency(), () => this.#failWaiting(session), this.#machine);
  }

  #failWaiting(session: Session): void {
    for (const waiting of [...this.#waiting]) {
      if (waiting.session !== session) continue;
      this.#waiting.delete(waiting);
      waiting.reject(new StoreUnavailableError('the connection to the database broke'));
    }
  }
}
