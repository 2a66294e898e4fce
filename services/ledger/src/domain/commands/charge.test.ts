import { describe, expect, it } from 'vitest';
import { money, PHONE, vendor } from '../../../simulator/given.ts';
import { charge } from './charge.ts';

const row = (amount: number) => ({ type: 'charge', amount: money(amount), phoneNumber: PHONE });

describe('a charge that is sold', () => {
  it.each([
    {
      rule: 'takes the amount off the balance and counts it for the day',
      given: vendor({ balance: money(50_000) }),
      amount: '100.00',
      then: { balance: -10_000n, held: 0n, chargedToday: 10_000n },
    },
    {
      rule: 'may take the whole balance',
      given: vendor({ balance: money(10_000) }),
      amount: '100.00',
      then: { balance: -10_000n, held: 0n, chargedToday: 10_000n },
    },
    {
      rule: 'may be of the smallest amount',
      given: vendor({ balance: money(1) }),
      amount: '0.01',
      then: { balance: -1n, held: 0n, chargedToday: 1n },
    },
    {
      rule: 'may be of the largest amount',
      given: vendor({ balance: money(999_999_999_999_999n) }),
      amount: '9999999999999.99',
      then: { balance: -999_999_999_999_999n, held: 0n, chargedToday: 999_999_999_999_999n },
    },
    {
      rule: 'adds to what was charged before on the day',
      given: vendor({ chargedToday: money(5_000) }),
      amount: '100.00',
      then: { balance: -10_000n, held: 0n, chargedToday: 15_000n },
    },
    {
      rule: 'may use up the daily limit',
      given: vendor({ dailyLimit: money(15_000), chargedToday: money(5_000) }),
      amount: '100.00',
      then: { balance: -10_000n, held: 0n, chargedToday: 15_000n },
    },
    {
      rule: 'has no limit where none is set',
      given: vendor({ dailyLimit: null, chargedToday: money(10 ** 12), balance: money(10 ** 12) }),
      amount: '10000000000.00',
      then: { balance: -1_000_000_000_000n, held: 0n, chargedToday: 2_000_000_000_000n },
    },
  ])('$rule', ({ given, amount, then }) => {
    expect(charge(given, { phone_number: PHONE, amount })).toEqual({
      ...row(Number(-then.balance)),
      reason: null,
      balance: then.balance,
      held: then.held,
      change: { chargedToday: then.chargedToday },
    });
  });
});

it('keeps the reference and the metadata of a charge, sold or rejected', () => {
  const body = { phone_number: PHONE, amount: '100.00', reference: 'order 7', metadata: { till: '3' } };
  const kept = { reference: 'order 7', details: { metadata: { till: '3' } } };
  expect(charge(vendor(), body)).toMatchObject({ reason: null, ...kept });
  expect(charge(vendor({ status: 'suspended' }), body)).toMatchObject({ reason: 'VENDOR_INACTIVE', ...kept });
  expect(charge(vendor({ dailyLimit: money(0) }), body)).toMatchObject({
    details: { ...kept.details, limit: '0.00', used: '0.00' },
  });
});

describe('a charge that is rejected', () => {
  it.each([
    {
      rule: 'is one minor unit above the balance',
      given: vendor({ balance: money(9_999) }),
      then: { reason: 'INSUFFICIENT_BALANCE' },
    },
    {
      rule: 'finds nothing on the balance',
      given: vendor({ balance: money(0) }),
      then: { reason: 'INSUFFICIENT_BALANCE' },
    },
    {
      rule: 'is one minor unit above what the daily limit leaves, and says what was used',
      given: vendor({ dailyLimit: money(15_000), chargedToday: money(5_001) }),
      then: { reason: 'DAILY_LIMIT_EXCEEDED', details: { limit: '150.00', used: '50.01' } },
    },
    {
      rule: 'meets a limit of zero: nothing may be sold',
      given: vendor({ dailyLimit: money(0) }),
      then: { reason: 'DAILY_LIMIT_EXCEEDED', details: { limit: '0.00', used: '0.00' } },
    },
    {
      rule: 'meets a limit that was lowered below what is sold already',
      given: vendor({ dailyLimit: money(1_000), chargedToday: money(5_000) }),
      then: { reason: 'DAILY_LIMIT_EXCEEDED', details: { limit: '10.00', used: '50.00' } },
    },
    {
      rule: 'is above what open holds leave of the balance',
      given: vendor({ balance: money(15_000), held: money(5_001) }),
      then: { reason: 'INSUFFICIENT_BALANCE' },
    },
    {
      rule: 'is of a suspended vendor, whatever its balance',
      given: vendor({ status: 'suspended' }),
      then: { reason: 'VENDOR_INACTIVE' },
    },
    {
      rule: 'is of a suspended vendor without money: the suspension is named first',
      given: vendor({ status: 'suspended', balance: money(0), dailyLimit: money(0) }),
      then: { reason: 'VENDOR_INACTIVE' },
    },
    {
      rule: 'is above balance and limit: the balance is named first',
      given: vendor({ balance: money(1), dailyLimit: money(1) }),
      then: { reason: 'INSUFFICIENT_BALANCE' },
    },
  ])('$rule', ({ given, then }) => {
    expect(charge(given, { phone_number: PHONE, amount: '100.00' })).toEqual({
      ...row(10_000),
      balance: 0n,
      held: 0n,
      ...then,
    });
  });
});
