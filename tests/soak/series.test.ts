import { expect, it } from 'vitest';
import { type Kind, type Series, trendOf } from './series.ts';

const series = (kind: Kind, value: (index: number) => number): Series => ({
  kind,
  part: 'ledger 1',
  points: Array.from({ length: 100 }, (_, index) => ({ atMs: index * 1_000, value: value(index) })),
});
const leaks = (kind: Kind, value: (index: number) => number) => trendOf(series(kind, value)).leaks;

it('finds what grows and does not stop', () => {
  expect(leaks('memory', (index) => 120 + 2 * index)).toBe(true);
  expect(leaks('files', (index) => 30 + index)).toBe(true);
  expect(leaks('connections', (index) => 10 + Math.floor(index / 5))).toBe(true);
  // Through restarts of the process, if each begins where the last one was not far from.
  expect(leaks('memory', (index) => 100 + 3 * index - (index % 10))).toBe(true);
});

it('lets be what rises and falls, warms up, peaks, or took one step', () => {
  expect(leaks('memory', (index) => 120 + 60 * Math.sin(index))).toBe(false);
  expect(leaks('memory', (index) => (index < 8 ? 80 : 260))).toBe(false);
  expect(leaks('sockets', (index) => (index === 70 ? 500 : 20))).toBe(false);
  expect(leaks('memory', (index) => (index < 55 ? 120 : 240))).toBe(false);
  expect(leaks('memory', (index) => 200 - 100 * 0.9 ** index)).toBe(false);
});

it('lets streams grow, and says nothing after a few points', () => {
  expect(leaks('stream', (index) => index * 10)).toBe(false);
  const few = series('memory', (index) => index * 1_000);
  expect(trendOf({ ...few, points: few.points.slice(0, 6) }).leaks).toBe(false);
});
