import { type CommandBody, parseMoney, ZERO } from '@b2b-charge/contracts';
import type { Effect } from '../effect.ts';

/** Changes what the command names and nothing else. */
export function updateVendor(body: CommandBody<'update-vendor.v1'>): Effect {
  const { name, status, daily_limit: limit } = body;
  const change = {
    ...(name === undefined ? {} : { name }),
    ...(status === undefined ? {} : { status }),
    ...(limit === undefined ? {} : { dailyLimit: limit === null ? null : parseMoney(limit) }),
  };
  return {
    type: 'update-vendor',
    amount: ZERO,
    reason: null,
    balance: ZERO,
    held: ZERO,
    details: { ...body },
    change,
  };
}
