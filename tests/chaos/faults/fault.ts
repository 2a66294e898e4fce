import type { Random } from '../../../services/ledger/simulator/random.ts';

export const TARGETS = ['ledger', 'gateway', 'credits', 'postgres', 'nats', 'redis'] as const;
export type TargetName = (typeof TARGETS)[number];

/** kill: SIGKILL, and started again after a while. stop: SIGSTOP, and SIGCONT after a while. restart: in order. */
export const VERBS = ['kill', 'stop', 'restart'] as const;
export type Verb = (typeof VERBS)[number];

export type FaultName = `${Verb}-${TargetName}`;
export const FAULTS: readonly FaultName[] = VERBS.flatMap((verb) =>
  TARGETS.map((target): FaultName => `${verb}-${target}`),
);

export interface Fault {
  readonly name: FaultName;
  readonly verb: Verb;
  readonly target: TargetName;
  /** Which of several processes of one service. */
  readonly index: number;
  /** How long it is gone or frozen. */
  readonly durationMs: number;
}

/** Longer than the lease (5 s) and than PostgreSQL waits for a silent transaction (2 s). */
const LONG_MS = [5_500, 8_000] as const;
const SHORT_MS = [100, 2_500] as const;

/** Plans faults: every kind once, in a new order each time, before any comes again. */
export class FaultPlan {
  readonly #random: Random;
  readonly #names: readonly FaultName[];
  readonly #longestMs: number;
  readonly #times = new Map<FaultName, number>();
  #bag: FaultName[] = [];

  constructor(random: Random, names: readonly FaultName[], longestMs: number) {
    this.#random = random;
    this.#names = names;
    this.#longestMs = longestMs;
  }

  next(): Fault {
    if (this.#bag.length === 0) this.#bag = this.#random.shuffle(this.#names);
    const name = this.#bag.pop()!;
    const [verb, target] = name.split('-') as [Verb, TargetName];
    const index = this.#random.between(0, 1);
    const durationMs = Math.min(this.#longestMs, this.#random.between(...this.#span(name)));
    return { name, verb, target, index, durationMs };
  }

  /** In turn long and short; a dead PostgreSQL or NATS need not stay away for long. */
  #span(name: FaultName): readonly [number, number] {
    const times = (this.#times.get(name) ?? 0) + 1;
    this.#times.set(name, times);
    const mayBeLong = name.startsWith('stop-') || name === 'kill-ledger';
    return mayBeLong && times % 2 === 1 ? LONG_MS : SHORT_MS;
  }
}
