import { type CommandBody, formatMoney, type Money, parseMoney } from '@b2b-charge/contracts';
import { type Ruling, reject } from '../ruling.ts';
import type { VendorState } from '../vendor-state.ts';

/** Sells a top-up: active vendors, within the balance, within the day's limit. */
export function charge(state: VendorState, body: CommandBody<'charge.v1'>): Ruling {
  const amount = parseMoney(body.amount)!;
  const row = { type: 'charge', amount, phoneNumber: body.phone_number } as const;
  if (state.status !== 'active') return reject(row, 'VENDOR_INACTIVE');
  if (amount > state.balance) return reject(row, 'INSUFFICIENT_BALANCE');
  const chargedToday = (state.chargedToday + amount) as Money;
  if (state.dailyLimit !== null && chargedToday > state.dailyLimit) {
    const details = { limit: formatMoney(state.dailyLimit), used: formatMoney(state.chargedToday) };
    return reject(row, 'DAILY_LIMIT_EXCEEDED', details);
  }
  return { ...row, reason: null, delta: -amount, change: { chargedToday } };
}
