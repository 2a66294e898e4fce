import fc from 'fast-check';
import { expect, test } from 'vitest';
import { pauseAfter, retryAfterMs } from './pauses.ts';

const rules = { firstMs: 5_000, maxMs: 3_600_000 };
const none = { random: 0, retryAfterMs: null };

test('pauses grow threefold, up to the bound', () => {
  const pauses = [1, 2, 3, 4, 5, 6, 7, 8, 9, 100].map(
    (failures) => pauseAfter(failures, rules, none) / 1_000,
  );
  expect(pauses).toEqual([5, 15, 45, 135, 405, 1_215, 3_600, 3_600, 3_600, 3_600]);
});

test('no pause is longer than the bound or shorter than two thirds of its own, whatever an endpoint asks for', () => {
  const anything = fc.record({
    failures: fc.integer({ min: 1, max: 10_000 }),
    random: fc.double({ min: 0, max: 1, noNaN: true }),
    retryAfterMs: fc.option(fc.integer({ min: 0, max: 1e12 })),
  });
  fc.assert(
    fc.property(anything, ({ failures, ...asked }) => {
      const pause = pauseAfter(failures, rules, asked);
      const own = pauseAfter(failures, rules, none);
      expect(pause).toBeLessThanOrEqual(rules.maxMs);
      expect(pause).toBeGreaterThanOrEqual(Math.floor((own * 2) / 3));
    }),
  );
});

test.each([
  ['120', 120_000],
  ['0', 0],
  ['Thu, 01 Jan 1970 00:01:40 GMT', 90_000],
  ['Thu, 01 Jan 1970 00:00:01 GMT', 0],
  ['soon', null],
  ['-5', null],
  ['99999999999999', null],
  [undefined, null],
])('Retry-After: %s', (header, expected) => expect(retryAfterMs(header, 10_000)).toBe(expected));

test('a Retry-After is honoured when it is longer than the own pause', () => {
  expect(pauseAfter(1, rules, { random: 0, retryAfterMs: 60_000 })).toBe(60_000);
  expect(pauseAfter(1, rules, { random: 0, retryAfterMs: 1_000 })).toBe(5_000);
});
