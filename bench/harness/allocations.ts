import { mkdtempSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { waitUntil } from '@b2b-charge/stack';
import type { Stage } from './stage.ts';

/** Counts what services allocate that were started with this environment. */
export interface Allocations {
  readonly environment: Readonly<Record<string, string>>;
  /** Bytes that a process has allocated on V8's heap since it started. Throws Error if it does not report within 5 s. */
  read(pid: number): Promise<number>;
}

const WITHIN_MS = 5_000;
const POLL_MS = 10;

export function countAllocations(stage: Stage): Allocations {
  const folder = mkdtempSync(path.join(stage.fleet.folder, 'allocations-'));
  const preload = pathToFileURL(path.join(import.meta.dirname, 'count-allocations.ts')).href;
  const readings = (pid: number): readonly [readings: number, bytes: number] => {
    try {
      const [count, bytes] = readFileSync(path.join(folder, String(pid)), 'utf8')
        .split(' ')
        .map(Number);
      return [count!, bytes ?? Number.NaN];
    } catch {
      return [0, Number.NaN];
    }
  };
  return {
    environment: { NODE_OPTIONS: `--import ${preload}`, ALLOCATIONS_DIR: folder },
    read: async (pid) => {
      const [before] = readings(pid);
      process.kill(pid, 'SIGUSR2');
      const isNew = () => {
        const [count, bytes] = readings(pid);
        // While it is written the file may be empty.
        return (count > before && !Number.isNaN(bytes)) || undefined;
      };
      const found = await waitUntil(isNew, { timeoutMs: WITHIN_MS, intervalMs: POLL_MS });
      if (!found) throw new Error(`process ${pid} did not report its allocations`);
      return readings(pid)[1];
    },
  };
}
