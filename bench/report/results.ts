import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Figure } from '../harness/figure.ts';
import type { Machine } from '../harness/machine.ts';

export interface Versions {
  readonly postgres: string;
  readonly nats: string;
  readonly redis: string;
}

/** One run's results, or several runs' put together. */
export interface Results {
  readonly machine: Machine;
  /** By stage. */
  readonly versions: Readonly<Record<string, Versions>>;
  readonly figures: readonly Figure[];
}

/** What the file held, with the newer results over it. */
export function keepResults(file: string, newer: Results): Results {
  const older: Results | undefined = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined;
  const measured = new Set(newer.figures.map(({ scenario }) => scenario));
  const results: Results = {
    machine: newer.machine,
    versions: { ...older?.versions, ...newer.versions },
    figures: [...(older?.figures ?? []).filter(({ scenario }) => !measured.has(scenario)), ...newer.figures],
  };
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify(results, null, 1)}\n`);
  return results;
}
