import { describe, expect, it } from 'vitest';
import { VENDOR, vendor } from '../../../simulator/given.ts';
import { unopened } from '../vendor-state.ts';
import { openVendor } from './open-vendor.ts';

const row = { type: 'open-vendor', amount: 0n, balance: 0n, held: 0n };

describe('opening a vendor', () => {
  it.each([
    { rule: 'without a limit leaves it unlimited', limit: {}, stored: null, said: null },
    {
      rule: 'with the limit null leaves it unlimited',
      limit: { daily_limit: null },
      stored: null,
      said: null,
    },
    {
      rule: 'with a limit of zero lets it sell nothing',
      limit: { daily_limit: '0' },
      stored: 0n,
      said: '0',
    },
    {
      rule: 'with a limit sets it',
      limit: { daily_limit: '500.50' },
      stored: 50_050n,
      said: '500.50',
    },
  ])('$rule', ({ limit, stored, said }) => {
    expect(openVendor(unopened(VENDOR), { name: 'TechCorp', ...limit })).toEqual({
      ...row,
      reason: null,
      details: { name: 'TechCorp', daily_limit: said, livemode: true },
      change: { name: 'TechCorp', dailyLimit: stored, livemode: true },
    });
  });

  it('for tests marks it as such', () => {
    const opened = openVendor(unopened(VENDOR), { name: 'TechCorp', livemode: false });
    expect(opened.change).toMatchObject({ livemode: false });
  });

  it('twice is rejected and changes nothing', () => {
    expect(openVendor(vendor(), { name: 'Another', daily_limit: '1.00' })).toEqual({
      ...row,
      reason: 'VENDOR_EXISTS',
    });
  });

  it('is rejected for a suspended vendor too: it does not reactivate it', () => {
    expect(openVendor(vendor({ status: 'suspended' }), { name: 'TechCorp' })).toEqual({
      ...row,
      reason: 'VENDOR_EXISTS',
    });
  });
});
