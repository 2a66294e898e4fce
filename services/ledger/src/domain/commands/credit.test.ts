import { describe, expect, it } from 'vitest';
import { money, vendor } from '../../../simulator/given.ts';
import { credit } from './credit.ts';

const MOST = 999_999_999_999_999n;

describe('credit', () => {
  it.each([
    { rule: 'is added to the balance', given: vendor(), amount: '100.00', balance: 10_000n, held: 0n },
    {
      rule: 'may be of one minor unit',
      given: vendor({ balance: money(0) }),
      amount: '0.01',
      balance: 1n,
      held: 0n,
    },
    {
      rule: 'reaches a suspended vendor too: it has been paid for',
      given: vendor({ status: 'suspended' }),
      amount: '100.00',
      balance: 10_000n,
      held: 0n,
    },
    {
      rule: 'may fill the balance to the largest that a JSON number holds',
      given: vendor({ balance: money(MOST - 10_000n) }),
      amount: '100.00',
      balance: 10_000n,
      held: 0n,
    },
  ])('$rule', ({ given, amount, balance, held }) => {
    expect(credit(given, { amount })).toEqual({
      type: 'credit',
      amount: balance,
      reason: null,
      balance,
      held,
    });
  });

  it('does not touch what was charged on the day', () => {
    expect(credit(vendor({ chargedToday: money(5) }), { amount: '1.00' })).not.toHaveProperty('change');
  });

  it('keeps the reference of the request', () => {
    expect(credit(vendor(), { amount: '1.00', reference: 'request 7' })).toMatchObject({
      reference: 'request 7',
    });
  });

  it('is rejected when the balance would not fit a JSON number any more', () => {
    expect(credit(vendor({ balance: money(MOST - 9_999n) }), { amount: '100.00' })).toEqual({
      type: 'credit',
      amount: 10_000n,
      reason: 'BALANCE_LIMIT_EXCEEDED',
      balance: 0n,
      held: 0n,
    });
  });
});
