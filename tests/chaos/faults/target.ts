import type { Fleet } from '@b2b-charge/stack';
import { childrenOf, signalAll } from './family.ts';
import type { Fault, TargetName } from './fault.ts';

/** A server or a service process of the fleet, as the faults see it. */
interface Part {
  readonly pid: number | null;
  restart(): Promise<void>;
  onExit(listener: (reason: string) => void): void;
}

const RESTART_WITHIN_MS = 90_000;
const RESTART_PAUSE_MS = 250;

/** One victim. Nothing but what the fleet started is ever touched: its own process and that one's children. */
export class Target {
  readonly name: string;
  readonly #part: Part;
  #busy = false;

  constructor(name: string, part: Part, unexpected: (text: string) => void) {
    this.name = name;
    this.#part = part;
    part.onExit((reason) => {
      if (this.#busy) return;
      unexpected(`${name} ended by itself (${reason})`);
      void this.#hold(() => this.#startAgain());
    });
  }

  get busy(): boolean {
    return this.#busy;
  }

  kill(downMs: number): Promise<void> {
    return this.#hold(async () => {
      signalAll(this.#family(), 'SIGKILL');
      await pause(downMs);
      await this.#startAgain();
    });
  }

  stop(pauseMs: number): Promise<void> {
    return this.#hold(async () => {
      const family = this.#family();
      signalAll(family, 'SIGSTOP');
      try {
        await pause(pauseMs);
      } finally {
        signalAll(family.toReversed(), 'SIGCONT');
      }
    });
  }

  restart(): Promise<void> {
    return this.#hold(() => this.#startAgain());
  }

  /** The process itself first, so that it starts no further child. */
  #family(): number[] {
    const { pid } = this.#part;
    return pid === null ? [] : [pid, ...childrenOf(pid)];
  }

  /** What it needs may be away itself when faults overlap. */
  async #startAgain(): Promise<void> {
    const deadline = Date.now() + RESTART_WITHIN_MS;
    for (;;) {
      try {
        return await this.#part.restart();
      } catch (error) {
        if (Date.now() > deadline) throw error;
        await pause(RESTART_PAUSE_MS);
      }
    }
  }

  async #hold(work: () => Promise<void>): Promise<void> {
    this.#busy = true;
    try {
      await work();
    } finally {
      this.#busy = false;
    }
  }
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Finds the victim of a fault. */
export type FindTarget = (fault: Pick<Fault, 'target' | 'index'>) => Target | undefined;

export function targetsOf(fleet: Fleet, unexpected: (text: string) => void): FindTarget {
  const targets = new Map<TargetName, Target[]>();
  for (const server of [fleet.postgres, fleet.nats, fleet.redis]) {
    if (server.pid === null)
      throw new Error(`${server.name} has no process on this machine to inflict faults on`);
    targets.set(server.name, [new Target(server.name, server, unexpected)]);
  }
  for (const service of ['ledger', 'gateway', 'credits'] as const) {
    const members = fleet.of(service);
    targets.set(
      service,
      members.map((member, index) => {
        const name = members.length > 1 ? `${service} ${index + 1}` : service;
        return new Target(name, member.process, unexpected);
      }),
    );
  }
  return ({ target, index }) => {
    const choices = targets.get(target) ?? [];
    return choices[index % Math.max(1, choices.length)];
  };
}
