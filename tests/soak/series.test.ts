import { expect, it } from 'vitest';
import { type Kind, type Series, trendsOf } from './series.ts';

const series = (kind: Kind, value: (index: number) => number, lifeOf = (_: number) => 1): Series => ({
  kind,
  part: 'ledger 1',
  points: Array.from({ length: 100 }, (_, index) => ({
    atMs: index * 10_000,
    value: value(index),
    life: lifeOf(index),
  })),
});
const verdicts = (...given: Parameters<typeof series>) =>
  trendsOf(series(...given)).map(({ verdict }) => verdict);
const leaks = (kind: Kind, value: (index: number) => number) => verdicts(kind, value).includes('LEAK');

it('finds what grows and does not stop', () => {
  expect(leaks('memory', (index) => 120 + 2 * index)).toBe(true);
  expect(leaks('heap', (index) => 40 + index / 4)).toBe(true);
  expect(leaks('files', (index) => 30 + index)).toBe(true);
  expect(leaks('connections', (index) => 10 + Math.floor(index / 5))).toBe(true);
  expect(leaks('nats-connections', (index) => 1 + Math.floor(index / 12))).toBe(true);
  // Though it falls now and then, as memory does.
  expect(leaks('memory', (index) => 100 + 3 * index - (index % 10))).toBe(true);
});

it('lets be what rises and falls, warms up, peaks, or took one step', () => {
  expect(leaks('memory', (index) => 120 + 60 * Math.sin(index))).toBe(false);
  expect(leaks('memory', (index) => (index < 8 ? 80 : 260))).toBe(false);
  expect(leaks('sockets', (index) => (index === 70 ? 500 : 20))).toBe(false);
  expect(leaks('memory', (index) => (index < 55 ? 120 : 240))).toBe(false);
  expect(leaks('memory', (index) => 200 - 100 * 0.9 ** index)).toBe(false);
});

it('judges each life of a process by itself, and none that is too short', () => {
  const life = (index: number) => (index < 5 ? 1 : index < 50 ? 2 : 3);
  // Each life begins higher than the last one: a bigger machine, not a leak of a process that is gone.
  expect(verdicts('memory', (index) => 100 * life(index), life)).toEqual(['too short', 'flat', 'flat']);
  expect(verdicts('memory', (index) => (index < 50 ? 100 : 6 * index), life)[2]).toBe('LEAK');
});

it('lets streams grow', () => {
  expect(verdicts('stream', (index) => index * 10)).toEqual(['not judged']);
});
