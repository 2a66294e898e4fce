import { rmSync } from 'node:fs';
import { isAlive, startTimeOf } from '../guardian/process-table.ts';
import { waitUntil } from '../servers/wait-until.ts';
import { readJson, writeJson } from './json-file.ts';

interface Recorded {
  readonly name: string;
  readonly pid: number;
  readonly startTime: string | null;
}

const GRACE_MS = 8_000;

/** Keeps a list of what runs, for a next run to find what outlived both this process and its guardian. */
export function recordProcesses(file: string, pids: Readonly<Record<string, number>>): void {
  const processes = Object.entries(pids).map(([name, pid]) => ({ name, pid, startTime: startTimeOf(pid) }));
  writeJson(file, processes);
}

/**
 * Ends what an earlier run left, or waits for its guardian to: two servers on one folder would spoil its data. Only the
 * very processes recorded are touched, not others that have their numbers now.
 */
export async function endLeftovers(file: string, progress: (line: string) => void): Promise<void> {
  const recorded = (readJson<Recorded[]>(file) ?? []).filter(({ startTime }) => startTime !== null);
  const left = () => recorded.filter(({ pid, startTime }) => isAlive(pid, startTime));
  if (left().length > 0) {
    const names = left().map(({ name, pid }) => `${name} (${pid})`);
    progress(`ending what an earlier run left: ${names.join(', ')}`);
  }
  for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    for (const { name, pid } of left())
      send(pid, name === 'postgres' && signal === 'SIGTERM' ? 'SIGINT' : signal);
    await waitUntil(() => (left().length === 0 ? true : undefined), { timeoutMs: GRACE_MS });
  }
  rmSync(file, { force: true });
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It went in the meantime.
  }
}
