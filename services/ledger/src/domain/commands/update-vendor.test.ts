import { describe, expect, it } from 'vitest';
import { funded, update } from '../../../simulator/given.ts';
import { updateVendor } from './update-vendor.ts';

describe('updating a vendor', () => {
  it.each([
    { rule: 'changes the name alone', body: { name: 'New' }, change: { name: 'New' } },
    { rule: 'suspends', body: { status: 'suspended' }, change: { status: 'suspended' } },
    { rule: 'reactivates', body: { status: 'active' }, change: { status: 'active' } },
    { rule: 'sets a limit', body: { daily_limit: '10.5' }, change: { dailyLimit: 1_050n } },
    { rule: 'sets a limit of zero', body: { daily_limit: '0' }, change: { dailyLimit: 0n } },
    { rule: 'lifts the limit by null', body: { daily_limit: null }, change: { dailyLimit: null } },
    {
      rule: 'changes all that it names at once',
      body: { name: 'New', status: 'suspended', daily_limit: null },
      change: { name: 'New', status: 'suspended', dailyLimit: null },
    },
  ] as const)('$rule', ({ body, change }) => {
    expect(updateVendor(body)).toEqual({
      type: 'update-vendor',
      amount: 0n,
      reason: null,
      delta: 0n,
      details: body,
      change,
    });
  });
});

it('what the command does not name stays as it was', () => {
  const ledger = funded();
  ledger.record(update({ daily_limit: '70.00' }));
  const before = ledger.state();
  ledger.record(update({ status: 'suspended' }));
  expect(ledger.state()).toMatchObject({ name: before.name, dailyLimit: 7_000n, status: 'suspended' });
  ledger.record(update({ name: 'New' }));
  expect(ledger.state()).toMatchObject({ name: 'New', dailyLimit: 7_000n, status: 'suspended' });
});
