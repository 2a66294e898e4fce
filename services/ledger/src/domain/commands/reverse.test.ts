import { describe, expect, it } from 'vitest';
import { idOf, MIDNIGHT, money, NOON, posted, TEHRAN, VENDOR, vendor } from '../../../simulator/given.ts';
import { reverse } from './reverse.ts';

const id = idOf(VENDOR, 5);
const body = { transaction_id: id, reason: 'a wrong number' };
const details = { reason: 'a wrong number' };
const row = { type: 'reversal', reversalOf: id, details };

describe('a reversal', () => {
  it.each([
    {
      rule: 'of a charge of the same day gives back the money and the day’s allowance',
      given: vendor({ chargedToday: money(40_000) }),
      charge: posted(),
      then: { delta: 30_000n, change: { chargedToday: 10_000n } },
    },
    {
      rule: 'of the day’s only charge leaves nothing charged',
      given: vendor({ chargedToday: money(30_000) }),
      charge: posted(),
      then: { delta: 30_000n, change: { chargedToday: 0n } },
    },
    {
      rule: 'on a later day gives back the money, not the allowance of a day that is over',
      given: vendor({ businessDay: '2026-11-25', chargedToday: money(40_000) }),
      charge: posted(),
      then: { delta: 30_000n },
    },
    {
      rule: 'of a charge in the last millisecond before midnight in Tehran is of the day before',
      given: vendor({ businessDay: '2026-11-25', chargedToday: money(40_000) }),
      charge: posted({ createdAtMs: MIDNIGHT - 1 }),
      then: { delta: 30_000n },
    },
    {
      rule: 'of a charge in the first millisecond of the day is of the same day',
      given: vendor({ businessDay: '2026-11-25', chargedToday: money(40_000) }),
      charge: posted({ createdAtMs: MIDNIGHT }),
      then: { delta: 30_000n, change: { chargedToday: 10_000n } },
    },
    {
      rule: 'may fill the balance to the largest that a JSON number holds',
      given: vendor({ balance: money(999_999_999_999_999n - 30_000n), chargedToday: money(30_000) }),
      charge: posted(),
      then: { delta: 30_000n, change: { chargedToday: 0n } },
    },
    {
      rule: 'reaches a suspended vendor too: the money is its own',
      given: vendor({ status: 'suspended', chargedToday: money(30_000) }),
      charge: posted(),
      then: { delta: 30_000n, change: { chargedToday: 0n } },
    },
  ])('$rule', ({ given, charge, then }) => {
    expect(reverse(given, body, { transaction: charge, reversed: false }, TEHRAN)).toEqual({
      ...row,
      amount: 30_000n,
      reason: null,
      ...then,
    });
  });
});

describe('a reversal is rejected', () => {
  it.each([
    {
      rule: 'if the vendor has no such transaction',
      original: { transaction: undefined, reversed: false },
      then: { reason: 'NOT_REVERSIBLE', amount: 0n },
    },
    {
      rule: 'if the charge was itself rejected: nothing was taken',
      original: {
        transaction: posted({ status: 'rejected', reason: 'INSUFFICIENT_BALANCE' }),
        reversed: false,
      },
      then: { reason: 'NOT_REVERSIBLE', amount: 30_000n },
    },
    ...(['credit', 'reversal', 'rebuild', 'open-vendor', 'update-vendor'] as const).map((type) => ({
      rule: `if it names a ${type}`,
      original: { transaction: posted({ type }), reversed: false },
      then: { reason: 'NOT_REVERSIBLE', amount: 30_000n },
    })),
    {
      rule: 'if the charge was given back before',
      original: { transaction: posted(), reversed: true },
      then: { reason: 'ALREADY_REVERSED', amount: 30_000n },
    },
    {
      rule: 'if the balance would not fit a JSON number any more',
      original: { transaction: posted(), reversed: false },
      given: vendor({ balance: money(999_999_999_999_999n - 29_999n) }),
      then: { reason: 'BALANCE_LIMIT_EXCEEDED', amount: 30_000n },
    },
  ])('$rule', ({ original, given, then }) => {
    expect(reverse(given ?? vendor(), body, original, TEHRAN)).toEqual({ ...row, delta: 0n, ...then });
  });

  it('under an id in capitals it names the same charge', () => {
    const capitals = { ...body, transaction_id: id.toUpperCase() };
    const given = vendor({ chargedToday: money(30_000), updatedAtMs: NOON });
    const ruling = reverse(given, capitals, { transaction: posted(), reversed: false }, TEHRAN);
    expect(ruling).toMatchObject({ reason: null, reversalOf: id });
  });
});
