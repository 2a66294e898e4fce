import { type CommandBody, parseMoney, ZERO } from '@b2b-charge/contracts';
import type { Ruling } from '../ruling.ts';

/** Changes what the command names and nothing else. */
export function updateVendor(body: CommandBody<'update-vendor.v1'>): Ruling {
  const { name, status, daily_limit: limit } = body;
  const change = {
    ...(name === undefined ? {} : { name }),
    ...(status === undefined ? {} : { status }),
    ...(limit === undefined ? {} : { dailyLimit: limit === null ? null : parseMoney(limit) }),
  };
  return { type: 'update-vendor', amount: ZERO, reason: null, delta: ZERO, details: { ...body }, change };
}
