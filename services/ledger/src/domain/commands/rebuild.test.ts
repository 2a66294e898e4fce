import { describe, expect, it } from 'vitest';
import { money, vendor } from '../../../simulator/given.ts';
import { rebuild } from './rebuild.ts';

const sums = (change: Partial<Parameters<typeof rebuild>[2]> = {}) => ({
  balance: money(100_000),
  chargedToday: money(2_000),
  storedBalance: money(100_000),
  ...change,
});
const details = {
  stored_balance: '1000.00',
  calculated_balance: '1000.00',
  stored_charged_today: '20.00',
  calculated_charged_today: '20.00',
};
const row = { type: 'rebuild', amount: 0n, balance: 0n, held: 0n };
const state = vendor({ chargedToday: money(2_000) });

describe('a rebuild', () => {
  it.each([
    {
      rule: 'of correct copies moves no money and writes down both',
      given: sums(),
      then: { reason: null, details, change: { chargedToday: 2_000n } },
    },
    {
      rule: 'keeps a wrong stored balance in its record: the head of the chain is the truth',
      given: sums({ storedBalance: money(99_999) }),
      then: {
        reason: null,
        details: { ...details, stored_balance: '999.99' },
        change: { chargedToday: 2_000n },
      },
    },
    {
      rule: 'corrects what counts as charged today',
      given: sums({ chargedToday: money(500) }),
      then: {
        reason: null,
        details: { ...details, calculated_charged_today: '5.00' },
        change: { chargedToday: 500n },
      },
    },
    {
      rule: 'is rejected if the transactions do not add up to the last balance: people must look',
      given: sums({ balance: money(100_001) }),
      then: { reason: 'HISTORY_INCONSISTENT', details: { ...details, calculated_balance: '1000.01' } },
    },
    {
      rule: 'is rejected if the transactions add up to less than nothing',
      given: sums({ balance: money(-1) }),
      then: { reason: 'HISTORY_INCONSISTENT', details: { ...details, calculated_balance: '-0.01' } },
    },
  ])('$rule', ({ given, then }) => {
    expect(rebuild(state, {}, given)).toEqual({ ...row, ...then });
  });

  it('keeps the reason that was given for it', () => {
    expect(rebuild(vendor(), { reason: 'audit 12' }, sums()).details).toMatchObject({ reason: 'audit 12' });
  });

  it('is for a suspended vendor too', () => {
    expect(rebuild(vendor({ status: 'suspended' }), {}, sums())).toMatchObject({ reason: null });
  });
});
