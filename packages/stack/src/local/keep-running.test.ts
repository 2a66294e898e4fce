import { expect, test } from 'vitest';
import { waitUntil } from '../servers/wait-until.ts';
import { keepRunning, type Part } from './keep-running.ts';

/** A part whose first restarts fail, as a server's do while its disk is full. */
function part(failures: number) {
  const listeners: ((reason: string) => void)[] = [];
  const restartedAtMs: number[] = [];
  const made: Part = {
    name: 'part',
    pid: 1,
    onExit: (listener) => listeners.push(listener),
    restart: async () => {
      restartedAtMs.push(performance.now());
      if (restartedAtMs.length <= failures) throw new Error('no space left on device');
    },
    stop: async () => {},
  };
  const exit = () => {
    for (const listener of listeners) listener('exit code 1');
  };
  return { made, restartedAtMs, exit };
}

test('what ends is started again, ever more slowly while it fails, and each step is said', async () => {
  const { made, restartedAtMs, exit } = part(3);
  const lines: string[] = [];
  let changes = 0;
  const stop = keepRunning(made, {
    progress: (line) => lines.push(line),
    changed: () => changes++,
    firstDelayMs: 20,
  });
  exit();
  await waitUntil(() => changes || undefined, { timeoutMs: 5_000 });
  const waitsMs = restartedAtMs.slice(1).map((at, index) => at - restartedAtMs[index]!);
  expect(waitsMs.map((wait, index) => wait >= 20 * 2 ** (index + 1) - 5)).toEqual([true, true, true]);
  expect(lines[0]).toBe('part ended (exit code 1); starting it again');
  expect(lines.filter((line) => line.includes('no space left'))).toHaveLength(3);
  expect(lines.at(-1)).toBe('part runs again (process 1)');
  await stop();
});

test('what ends after it was stopped stays ended', async () => {
  const { made, restartedAtMs, exit } = part(0);
  const stop = keepRunning(made, { progress: () => {}, changed: () => {}, firstDelayMs: 1 });
  await stop();
  exit();
  await new Promise((resolve) => setImmediate(resolve));
  expect(restartedAtMs).toEqual([]);
});
