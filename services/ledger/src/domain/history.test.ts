import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { faultsOf, sayingsOf } from '../../simulator/check-history.ts';
import { moves } from '../../simulator/history.ts';

/** RUNS=8000 is a million commands. */
const RUNS = Number(process.env.RUNS ?? 400);
const LENGTH = 250;

describe('every history', () => {
  it('is decided as the model says, keeps every invariant after every step, in whatever batches', () => {
    fc.assert(
      fc.property(moves(LENGTH), (history) => {
        expect(faultsOf(history)).toEqual([]);
      }),
      { numRuns: RUNS },
    );
  }, 600_000);
});

describe('the histories', () => {
  it('come to every outcome there is', () => {
    const histories = fc.sample(moves(LENGTH), { seed: 1, numRuns: 50 });
    const told = new Set(histories.flatMap(sayingsOf).map((saying) => saying.replace(/ [0-9]+$/, '')));
    expect([...told].filter((saying) => !saying.startsWith('again')).sort()).toEqual([
      'expired',
      'key reused',
      'no vendor',
      'posted',
      'rejected ALREADY_REVERSED',
      'rejected BALANCE_LIMIT_EXCEEDED',
      'rejected DAILY_LIMIT_EXCEEDED',
      'rejected INSUFFICIENT_BALANCE',
      'rejected NOT_REVERSIBLE',
      'rejected VENDOR_EXISTS',
      'rejected VENDOR_INACTIVE',
    ]);
    expect([...told].some((saying) => saying.startsWith('again posted'))).toBe(true);
    expect([...told].some((saying) => saying.startsWith('again rejected'))).toBe(true);
  });
});
