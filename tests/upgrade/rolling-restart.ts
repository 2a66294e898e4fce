import path from 'node:path';
import type { ServiceName } from '@b2b-charge/contracts';
import { startFleet } from '@b2b-charge/stack';
import { migrate } from '../../scripts/migrate.ts';
import { type UnderLoad, underLoad } from './under-load.ts';

export interface RollingRestart extends UnderLoad {
  /** How long each process was away, ms. */
  readonly awayMs: readonly { readonly name: string; readonly ms: number }[];
}

export const ROOT = path.join(import.meta.dirname, '../..');
/** The balancer looks every 50 ms. */
export const DRAIN = { DRAIN_MS: '500' };

/** Restarts every process of a fleet, one after the other, while callers sell through it. */
export async function runRollingRestart(options: {
  readonly tills: number;
  readonly services: Partial<Record<ServiceName, number>>;
  readonly progress: (line: string) => void;
}): Promise<RollingRestart> {
  await using fleet = await startFleet({
    root: ROOT,
    migrate,
    services: options.services,
    environment: DRAIN,
  });
  const awayMs: { name: string; ms: number }[] = [];
  const result = await underLoad(fleet, options.tills, async ({ gatewaysServe }) => {
    for (const member of fleet.processes) {
      const name = `${member.service} ${fleet.of(member.service).indexOf(member) + 1}`;
      const from = performance.now();
      await member.process.restart();
      await gatewaysServe(fleet.of('gateway').length);
      const ms = Math.round(performance.now() - from);
      awayMs.push({ name, ms });
      options.progress(`${name} restarted in ${(ms / 1_000).toFixed(1)} s`);
    }
  });
  return { ...result, awayMs };
}
