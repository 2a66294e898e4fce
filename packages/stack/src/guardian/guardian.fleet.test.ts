import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import { waitUntil } from '../servers/wait-until.ts';
import { isAlive, startTimeOf } from './process-table.ts';

const gone = (pid: number) => waitUntil(() => (isAlive(pid, null) ? undefined : true), { timeoutMs: 10_000 });

/** A process that starts others under a guardian's eyes, says which, and waits. */
function startOwner(statements: string): ChildProcess {
  const guardian = path.join(import.meta.dirname, 'guardian.ts');
  const script = `
    import { spawn } from 'node:child_process';
    import { startGuardian } from ${JSON.stringify(guardian)};
    const guardian = startGuardian();
    const watch = (command) => {
      const { pid } = spawn('sh', ['-c', command], { detached: true, stdio: 'ignore' });
      guardian.watch({ pid, signal: 'SIGTERM', stage: 0 });
      return pid;
    };
    ${statements}
    setInterval(() => {}, 1000);`;
  return spawn(process.execPath, ['--input-type=module', '--eval', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

async function said(owner: ChildProcess): Promise<number[]> {
  for await (const line of owner.stdout!) return JSON.parse(String(line)) as number[];
  throw new Error('the owner said nothing');
}

test('nothing outlives an owner that was killed with SIGKILL, not even what ignores SIGTERM', async () => {
  const owner = startOwner(`
    const pids = [watch('exec sleep 60'), watch('trap "" TERM; while :; do sleep 0.1; done')];
    setTimeout(() => console.log(JSON.stringify([...pids, guardian.pid])), 300);`);
  const pids = await said(owner);
  expect(pids.every((pid) => isAlive(pid, null))).toBe(true);
  owner.kill('SIGKILL');
  for (const pid of pids) expect(await gone(pid)).toBe(true);
}, 30_000);

test('a guardian that is killed is replaced, and the new one knows what the old one knew', async () => {
  const owner = startOwner(`
    const pid = watch('exec sleep 60');
    const first = guardian.pid;
    process.kill(first, 'SIGKILL');
    setTimeout(() => console.log(JSON.stringify([pid, first, guardian.pid])), 500);`);
  const [pid, first, second] = (await said(owner)) as [number, number, number];
  expect(second).not.toBe(first);
  owner.kill('SIGKILL');
  expect(await gone(pid)).toBe(true);
});

test('a folder is deleted with its owner', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'b2b-charge-guardian-'));
  const owner = startOwner(`
    guardian.removeAtEnd(${JSON.stringify(folder)});
    console.log(JSON.stringify([guardian.pid]));`);
  await said(owner);
  owner.kill('SIGKILL');
  expect(await waitUntil(() => (existsSync(folder) ? undefined : true), { timeoutMs: 10_000 })).toBe(true);
});

test('a process is known by its number and its start: a later one of the same number is another', () => {
  const startTime = startTimeOf(process.pid);
  expect(startTime).toMatch(/^\d+$/);
  expect(isAlive(process.pid, startTime)).toBe(true);
  expect(isAlive(process.pid, `${startTime}0`)).toBe(false);
});
