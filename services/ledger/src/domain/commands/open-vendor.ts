import { type CommandBody, parseMoney, ZERO } from '@b2b-charge/contracts';
import { type Effect, reject } from '../effect.ts';
import type { VendorState } from '../vendor-state.ts';

/** The first link of a vendor's chain. */
export function openVendor(state: VendorState, body: CommandBody<'open-vendor.v1'>): Effect {
  const row = { type: 'open-vendor', amount: ZERO } as const;
  if (state.seq > 0) return reject(row, 'VENDOR_EXISTS');
  const limit = body.daily_limit ?? null;
  const livemode = body.livemode ?? true;
  const change = { name: body.name, dailyLimit: limit === null ? null : parseMoney(limit), livemode };
  const details = { name: body.name, daily_limit: limit, livemode };
  return { ...row, reason: null, balance: ZERO, held: ZERO, details, change };
}
