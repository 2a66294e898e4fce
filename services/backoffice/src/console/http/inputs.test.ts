import { expect, test } from 'vitest';
import { amountInput, limitInput } from './inputs.ts';

test.each([
  ['1000000', '1000000.00'],
  ['1,000,000.5', '1000000.50'],
  ['۱٬۰۰۰٬۰۰۰', '1000000.00'],
  ['١٢٣٫٤٥', '123.45'],
  [' 20 000 ', '20000.00'],
])('the amount %j is %s', (typed, amount) => expect(amountInput.parse(typed)).toBe(amount));

test.each(['0', '-5', 'ten', '1.005', '', '1e5'])('%j is no amount', (typed) =>
  expect(amountInput.safeParse(typed).success).toBe(false),
);

test('a limit of zero allows nothing, and none is none', () => {
  expect(limitInput.parse('0')).toBe('0.00');
  expect(limitInput.parse(undefined)).toBeUndefined();
});
