import { expect, test } from 'vitest';
import type { Figure } from '../harness/figure.ts';
import { type AbTurn, pairsOf, spread } from './pairs.ts';

const turn = (round: number, label: 'a' | 'b', rate: number, discrepancies: string[] = []): AbTurn => {
  const figure: Figure = {
    ...{ scenario: 'http-1', group: 'ab', title: '', notes: [], discrepancies },
    outcomesPerS: rate,
    cpuUsPerCharge: { gateway: 100, ledger: 50, generator: 7 },
  };
  return { round, label, load: 'http-1', figure };
};
const rateIn = (turns: AbTurn[]) => pairsOf(turns, 'http-1').find(({ name }) => name === 'rate /s');

test('a ratio compares the turns of one round', () => {
  const turns = [turn(1, 'a', 100), turn(1, 'b', 150), turn(2, 'b', 600), turn(2, 'a', 300)];
  expect(rateIn(turns)).toEqual({
    name: 'rate /s',
    a: { median: 200, least: 100, most: 300 },
    b: { median: 375, least: 150, most: 600 },
    ratio: { median: 1.75, least: 1.5, most: 2 },
  });
});

test('a turn whose books do not agree takes its round away', () => {
  const turns = [turn(1, 'a', 100), turn(1, 'b', 150), turn(2, 'a', 300, ['lost a sale']), turn(2, 'b', 600)];
  expect(rateIn(turns)?.ratio).toEqual({ median: 1.5, least: 1.5, most: 1.5 });
});

test('the CPU of a charge leaves the generator out', () => {
  const rows = pairsOf([turn(1, 'a', 100), turn(1, 'b', 150)], 'http-1');
  expect(rows.find(({ name }) => name === 'CPU µs')?.a.median).toBe(150);
});

test('the median of an odd number is the one in the middle', () => {
  expect(spread([9, 1, 2])).toEqual({ median: 2, least: 1, most: 9 });
});
