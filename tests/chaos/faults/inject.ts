import { setTimeout as sleep } from 'node:timers/promises';
import type { Random } from '../../../services/ledger/simulator/random.ts';
import type { Fault, FaultName, FaultPlan } from './fault.ts';
import type { FindTarget, Target } from './target.ts';

export interface Injection {
  readonly plan: FaultPlan;
  readonly find: FindTarget;
  readonly random: Random;
  /** Milliseconds between the end of a fault and the next one. */
  readonly gapMs: readonly [number, number];
  /** Whether a fault may begin while another one lasts. */
  readonly overlap: boolean;
  readonly progress: (line: string) => void;
  /** Called as each fault begins, with the name of its victim. */
  readonly began?: (victim: string, what: string) => void;
  /** What was meant to come back and did not. */
  readonly failed: (text: string) => void;
}

const OVERLAP_CHANCE = 0.5;

export interface Injected {
  readonly counts: Partial<Record<FaultName, number>>;
  /** By victim: the longest that it took to come back, beyond the time for which it was meant to be away. */
  readonly slowestMs: Record<string, number>;
}

/** Injects faults until told to end, and resolves once everything runs again. */
export async function injectFaults(injection: Injection, until: AbortSignal): Promise<Injected> {
  const { plan, find, random, gapMs, overlap, progress, began, failed } = injection;
  const { counts, slowestMs }: Injected = { counts: {}, slowestMs: {} };
  const underWay = new Set<Promise<void>>();
  while (!until.aborted) {
    await sleep(random.between(...gapMs), undefined, { signal: until }).catch(() => {});
    if (until.aborted) break;
    const fault = plan.next();
    const target = find(fault);
    if (!target || target.busy) continue;
    counts[fault.name] = (counts[fault.name] ?? 0) + 1;
    progress(describe(fault, target));
    began?.(target.name, describe(fault, target));
    const startedAt = Date.now();
    const running = inflict(fault, target)
      .then(() => {
        const extraMs = Date.now() - startedAt - (fault.verb === 'restart' ? 0 : fault.durationMs);
        slowestMs[target.name] = Math.max(slowestMs[target.name] ?? 0, extraMs);
      })
      .catch((error: Error) => failed(`${target.name} does not come back: ${error.message}`))
      .finally(() => underWay.delete(running));
    underWay.add(running);
    if (!overlap || !random.chance(OVERLAP_CHANCE)) await Promise.all(underWay);
  }
  await Promise.all(underWay);
  return { counts, slowestMs };
}

function inflict({ verb, durationMs }: Fault, target: Target): Promise<void> {
  switch (verb) {
    case 'kill':
      return target.kill(durationMs);
    case 'stop':
      return target.stop(durationMs);
    case 'restart':
      return target.restart();
  }
}

function describe({ verb, durationMs }: Fault, target: Target): string {
  const seconds = `${(durationMs / 1_000).toFixed(1)} s`;
  switch (verb) {
    case 'kill':
      return `kill -9 ${target.name}, away for ${seconds}`;
    case 'stop':
      return `freeze ${target.name} for ${seconds}`;
    case 'restart':
      return `restart ${target.name} in order`;
  }
}
