import { EventQueue } from './event-queue.ts';
import { Random } from './random.ts';

/** Somebody's computer: what is to happen on it does not happen while it is frozen, and never after it died. */
export interface Machine {
  readonly name: string;
  alive: boolean;
  frozenUntilMs: number;
}

/** Half a minute before midnight in Tehran, so that a schedule sees the business day change. */
const BEGINNING_MS = Date.parse('2026-11-24T20:29:30Z');
const TRACE_LIMIT = 100_000;
/** Events without what is waited for. */
const STEP_LIMIT = 20_000_000;

/**
 * Virtual time. Everything that happens is an event here, one after the other; which of two comes first, and how long
 * anything takes, is chance with a seed. Between two events every promise that can go on has gone on, so a seed replays
 * exactly.
 */
export class World {
  readonly random: Random;
  now = BEGINNING_MS;
  /** Events so far. */
  steps = 0;
  /** While it is true, things fail. */
  faulty = true;
  readonly trace: string[] | null;
  readonly #queue = new EventQueue();

  constructor(seed: number, tracing: boolean) {
    this.random = new Random(seed);
    this.trace = tracing ? [] : null;
  }

  /** Something happens after a while; on a machine, if one is given. */
  after(delayMs: number, run: () => void, machine: Machine | null = null): void {
    this.#queue.push({ atMs: this.now + delayMs, run, machine });
  }

  /** How long a message or a statement takes: mostly a few milliseconds, now and then long. */
  latency(): number {
    const { random } = this;
    return this.faulty && random.chance(0.02) ? random.between(50, 600) : random.between(0, 3);
  }

  note(...words: unknown[]): void {
    if (!this.trace || this.trace.length >= TRACE_LIMIT) return;
    const at = String(this.now - BEGINNING_MS).padStart(6);
    this.trace.push(
      `${at} ms  ${words.map((word) => (typeof word === 'string' ? word : JSON.stringify(word))).join(' ')}`,
    );
  }

  /** Runs events until it is enough, or nothing is left to happen. `enough` is asked before each event. */
  run(enough: () => boolean): Promise<void> {
    const lastStep = this.steps + STEP_LIMIT;
    return new Promise((resolve, reject) => {
      const step = () => {
        try {
          if (this.steps > lastStep) throw new Error('what is waited for does not happen');
          if (enough() || !this.#next()) return resolve();
        } catch (error) {
          return reject(error);
        }
        // Ticks run when no microtask is left: whatever the event set off is done by then.
        queueMicrotask(() => process.nextTick(step));
      };
      process.nextTick(step);
    });
  }

  #next(): boolean {
    for (let event = this.#queue.pop(); event; event = this.#queue.pop()) {
      const { machine } = event;
      if (machine && !machine.alive) continue;
      if (machine && machine.frozenUntilMs > event.atMs) {
        this.#queue.push({ ...event, atMs: machine.frozenUntilMs });
        continue;
      }
      this.now = Math.max(this.now, event.atMs);
      this.steps++;
      event.run();
      return true;
    }
    return false;
  }
}
