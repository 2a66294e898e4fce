import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import {
  formatMoney,
  groupMoney,
  MAX_MONEY,
  MONEY_PATTERN,
  MONEY_PROBLEMS,
  minorOf,
  money,
  moneyProblem,
  POSITIVE_MONEY_PATTERN,
  parseMoney,
  ZERO,
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
  ['10000000000000x', 'malformed'],
  ['', 'malformed'],
] as const)('%s is refused for its real cause: %s', (text, problem) => {
  expect(moneyProblem(text)).toBe(problem);
  expect(moneyProblem(text, { zero: true })).toBe(problem === 'not-positive' ? null : problem);
});

test.each([
  ['malformed', /decimal/],
  ['not-positive', /above zero/],
  ['above-maximum', /at most 9999999999999\.99/],
] as const)('the problem %s has words', (problem, words) => {
  expect(MONEY_PROBLEMS[problem]).toMatch(words);
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

describe('an amount', () => {
  it.each([
    ['0', 0n],
    ['0.00', 0n],
    ['0.05', 5n],
    ['0.5', 50n],
    ['7', 700n],
    ['50000', 5_000_000n],
    ['50000.5', 5_000_050n],
    ['50000.50', 5_000_050n],
    ['9999999999999.99', MAX_MONEY],
  ])('%s is read to the minor unit', (text, minor) => {
    expect(parseMoney(text)).toBe(minor);
  });

  it.each([
    ['nothing', ''],
    ['a sign', '-1'],
    ['a plus sign', '+1'],
    ['an exponent', '1e3'],
    ['a hexadecimal number', '0x10'],
    ['a leading zero', '01'],
    ['a third decimal', '1.005'],
    ['no decimals behind the point', '1.'],
    ['no digit before the point', '.5'],
    ['a comma', '1,5'],
    ['a space before it', ' 1'],
    ['a space behind it', '1 '],
    ['a line feed behind it', '1\n'],
    ['Persian digits', '۱۰'],
    ['one minor unit above the largest', '10000000000000.00'],
    ['a digit more than the largest has', '10000000000000'],
  ])('is not read from %s', (_, text) => {
    expect(parseMoney(text)).toBeNull();
  });
});

describe('a sum', () => {
  it.each([
    [0n, '0.00', '0.00'],
    [5n, '0.05', '0.05'],
    [-5n, '-0.05', '-0.05'],
    [-12_345n, '-123.45', '-123.45'],
    [99_999n, '999.99', '999.99'],
    [100_000n, '1000.00', '1,000.00'],
    [150_000_000n, '1500000.00', '1,500,000.00'],
    [-150_000_000n, '-1500000.00', '-1,500,000.00'],
  ])('of %s minor units is written with two decimals, and grouped for reports', (minor, plain, grouped) => {
    expect(formatMoney(minor)).toBe(plain);
    expect(groupMoney(minor)).toBe(grouped);
    expect(minorOf(plain)).toBe(minor);
  });

  it('keeps its value when it is branded', () => {
    expect(money(7n)).toBe(7n);
    expect(ZERO).toBe(0n);
  });
});
