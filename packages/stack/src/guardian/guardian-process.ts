import { rmSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { type GuardianMessage, idOf, type Watched, type WatchedProcess } from './guardian.ts';
import { isAlive, startTimeOf } from './process-table.ts';

const GRACE_MS = 8_000;
const POLL_MS = 25;

type Known = Watched & { startTime?: string | null };

const watched = new Map<number | string, Known>();
const folders: string[] = [];
const volumes: string[] = [];

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {});

const input = createInterface({ input: process.stdin });
input.on('line', (line) => {
  const message = JSON.parse(line) as GuardianMessage;
  if ('watch' in message) watch(message.watch);
  else if ('release' in message) watched.delete(message.release);
  else if ('remove' in message) folders.push(message.remove);
  else volumes.push(message.removeVolume);
});
input.once('close', () => {
  void endAll().finally(() => process.exit(0));
});

function watch(one: Watched): void {
  const startTime = 'pid' in one ? startTimeOf(one.pid) : null;
  // Gone already: its number is another process's by the end.
  if ('pid' in one && startTime === null && process.platform === 'linux') return;
  watched.set(idOf(one), { ...one, startTime });
}

async function endAll(): Promise<void> {
  const stages = [...new Set([...watched.values()].map(({ stage }) => stage))].sort((a, b) => a - b);
  for (const stage of stages) {
    const members = [...watched.values()].filter((one) => one.stage === stage);
    await Promise.all([endProcesses(members), endContainers(members)]);
  }
  for (const folder of folders) rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  if (volumes.length === 0) return;
  const { removeVolume } = await import('../servers/docker-engine.ts');
  await Promise.allSettled(volumes.map(removeVolume));
}

async function endContainers(members: readonly Known[]): Promise<void> {
  const names = members.flatMap((one) => ('container' in one ? [one.container] : []));
  if (names.length === 0) return;
  // Loaded only now: most guardians never see a container.
  const { removeContainer } = await import('../servers/docker-engine.ts');
  await Promise.allSettled(names.map(removeContainer));
}

async function endProcesses(members: readonly Known[]): Promise<void> {
  const processes = members.filter(
    (one): one is WatchedProcess & { startTime: string | null } => 'pid' in one,
  );
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
}
