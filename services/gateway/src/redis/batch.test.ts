import { expect, test } from 'vitest';
import { Batch } from './batch.ts';

function recording(options: { max?: number; delayMs?: number; fails?: boolean } = {}) {
  const runs: number[][] = [];
  const batch = new Batch<number, number>({
    max: options.max ?? 10,
    delayMs: options.delayMs ?? 0,
    run: async (inputs) => {
      runs.push([...inputs]);
      if (options.fails) throw new Error('away');
      return inputs.map((input) => input * 2);
    },
  });
  return { batch, runs };
}

test.each([0, 3])(
  'what comes together (%d ms) goes together, and each gets its own answer',
  async (delayMs) => {
    const { batch, runs } = recording({ delayMs });
    expect(await Promise.all([1, 2, 3].map((input) => batch.add(input)))).toEqual([2, 4, 6]);
    expect(await batch.add(4)).toBe(8);
    expect(runs).toEqual([[1, 2, 3], [4]]);
  },
);

test('what comes while a command is under way goes together when it is answered', async () => {
  const runs: number[][] = [];
  const answers: (() => void)[] = [];
  const batch = new Batch<number, number>({
    max: 10,
    delayMs: 0,
    run: async (inputs) => {
      runs.push([...inputs]);
      await new Promise<void>((resolve) => answers.push(resolve));
      return inputs;
    },
  });
  const first = batch.add(1);
  await expect.poll(() => runs).toEqual([[1]]);
  const second = batch.add(2);
  await new Promise((resolve) => setImmediate(resolve));
  const third = batch.add(3);
  answers.shift()!();
  expect(await first).toBe(1);
  await expect.poll(() => runs).toEqual([[1], [2, 3]]);
  answers.shift()!();
  expect(await Promise.all([second, third])).toEqual([2, 3]);
});

test('a full batch goes at once, and the rest follows', async () => {
  const { batch, runs } = recording({ max: 2 });
  expect(await Promise.all([1, 2, 3, 4, 5].map((input) => batch.add(input)))).toEqual([2, 4, 6, 8, 10]);
  expect(runs).toEqual([[1, 2], [3, 4], [5]]);
});

test('a failure is everyone’s, and of this batch only', async () => {
  const { batch } = recording({ fails: true });
  const all = await Promise.allSettled([batch.add(1), batch.add(2)]);
  expect(all.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  await expect(batch.add(3)).rejects.toThrow('away');
});
