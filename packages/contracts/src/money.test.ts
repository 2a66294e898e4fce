import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  formatMoney,
  MAX_MONEY,
  MONEY_PATTERN,
  moneyProblem,
  POSITIVE_MONEY_PATTERN,
  parseMoney,
} from './money.ts';

test('every amount up to the bound survives the way through a double and back', () => {
  expect(formatMoney(MAX_MONEY)).toBe('9999999999999.99');
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: MAX_MONEY }), (minor) => {
      const text = formatMoney(minor);
      expect(Number(text).toFixed(2)).toBe(text);
      expect(parseMoney(JSON.stringify(Number(text)))).toBe(minor);
    }),
    { numRuns: 2_000 },
  );
});

test.each([
  ['70368744177664.01', 'above-maximum'],
  ['10000000000000', 'above-maximum'],
  ['10000000000000.001', 'above-maximum'],
  [`1${'0'.repeat(30)}`, 'above-maximum'],
  ['9999999999999.99', null],
  ['0.01', null],
  ['0', 'not-positive'],
  ['0.00', 'not-positive'],
  ['1.005', 'malformed'],
  ['-1', 'malformed'],
  ['1e3', 'malformed'],
  ['010000000000000', 'malformed'],
  ['', 'malformed'],
] as const)('%s is refused for its real cause: %s', (text, problem) => {
  expect(moneyProblem(text)).toBe(problem);
  expect(moneyProblem(text, { zero: true })).toBe(problem === 'not-positive' ? null : problem);
});

test('the published patterns accept what the parser accepts, and nothing else', () => {
  const digits = fc
    .array(fc.constantFrom(...'0123456789.'), { maxLength: 18 })
    .map((parts) => parts.join(''));
  const edges = fc.constantFrom(
    '0',
    '0.0',
    '0.00',
    '9999999999999.99',
    '10000000000000',
    '99999999999999.99',
  );
  fc.assert(
    fc.property(fc.oneof(digits, edges), (text) => {
      expect(new RegExp(MONEY_PATTERN).test(text), text).toBe(parseMoney(text) !== null);
      expect(new RegExp(POSITIVE_MONEY_PATTERN).test(text), text).toBe(moneyProblem(text) === null);
    }),
    { numRuns: 5_000 },
  );
});
