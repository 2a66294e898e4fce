import { expect, it } from 'vitest';
import { addSums, GENESIS, NO_ROWS } from './books.ts';

const one = {
  rows: 1,
  added: 2n,
  taken: 3n,
  held: 4n,
  erased: 9,
  chargedOnDay: 5n,
  defects: 6,
  inLog: 7,
  backdated: 8,
};

it('the sums of two spans are added one by one', () => {
  expect(addSums(one, NO_ROWS)).toEqual(one);
  expect(addSums(one, one)).toEqual({
    rows: 2,
    added: 4n,
    taken: 6n,
    held: 8n,
    erased: 18,
    chargedOnDay: 10n,
    defects: 12,
    inLog: 14,
    backdated: 16,
  });
});

it('before the first transaction nothing is summed up, on no day that can come', () => {
  const { hash, chargedDay, status, dailyLimit, ...sums } = GENESIS;
  expect([status, dailyLimit]).toEqual(['active', null]);
  expect(hash).toBe('0'.repeat(64));
  expect(chargedDay).toMatch(/^0001-\d\d-\d\d$/);
  for (const sum of Object.values(sums)) expect(BigInt(sum)).toBe(0n);
});
