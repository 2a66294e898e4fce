import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import type { GuardianMessage, Watched } from './guardian.ts';
import { isAlive, startTimeOf } from './process-table.ts';

const GRACE_MS = 8_000;
const POLL_MS = 25;

const watched = new Map<number, Watched & { startTime: string | null }>();
const folders: string[] = [];

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {});

const input = createInterface({ input: process.stdin });
input.on('line', (line) => {
  const message = JSON.parse(line) as GuardianMessage;
  if ('watch' in message) {
    const { watch } = message;
    const startTime = startTimeOf(watch.pid);
    // Gone already: whoever has that number by the end is somebody else.
    if (startTime !== null || process.platform !== 'linux') watched.set(watch.pid, { ...watch, startTime });
  } else if ('release' in message) watched.delete(message.release);
  else folders.push(message.remove);
});
input.once('close', () => {
  void endAll().finally(() => process.exit(0));
});

async function endAll(): Promise<void> {
  const stages = [...new Set([...watched.values()].map(({ stage }) => stage))].sort((a, b) => a - b);
  for (const stage of stages) await end([...watched.values()].filter((one) => one.stage === stage));
  for (const folder of folders) rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
}

async function end(processes: readonly (Watched & { startTime: string | null })[]): Promise<void> {
  const left = () => processes.filter(({ pid, startTime }) => isAlive(pid, startTime));
  const signal = (pid: number, name: NodeJS.Signals) => {
    try {
      process.kill(pid, name);
    } catch {
      // It went in the meantime.
    }
  };
  for (const { pid, signal: polite } of left()) signal(pid, polite);
  const deadline = Date.now() + GRACE_MS;
  while (left().length > 0 && Date.now() < deadline) await sleep(POLL_MS);
  for (const { pid } of left()) signal(pid, 'SIGKILL');
  for (const { container } of processes) {
    if (container) spawnSync('docker', ['rm', '--force', '--volumes', container], { timeout: GRACE_MS });
  }
}
