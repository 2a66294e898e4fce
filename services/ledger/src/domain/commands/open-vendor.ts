import { type CommandBody, parseMoney, ZERO } from '@b2b-charge/contracts';
import { type Ruling, reject } from '../ruling.ts';
import type { VendorState } from '../vendor-state.ts';

/** The first link of a vendor's chain. */
export function openVendor(state: VendorState, body: CommandBody<'open-vendor.v1'>): Ruling {
  const row = { type: 'open-vendor', amount: ZERO } as const;
  if (state.seq > 0) return reject(row, 'VENDOR_EXISTS');
  const limit = body.daily_limit ?? null;
  const change = { name: body.name, dailyLimit: limit === null ? null : parseMoney(limit) };
  return { ...row, reason: null, delta: ZERO, details: { name: body.name, daily_limit: limit }, change };
}
