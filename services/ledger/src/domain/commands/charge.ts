import { type CommandBody, formatMoney, type Money, parseMoney, ZERO } from '@b2b-charge/contracts';
import { type Effect, reject } from '../effect.ts';
import type { VendorState } from '../vendor-state.ts';

/** Sells a top-up: active vendors, within the available balance, within the day's limit. */
export function charge(state: VendorState, body: CommandBody<'charge.v1'>): Effect {
  const amount = parseMoney(body.amount)!;
  const row = {
    type: 'charge',
    amount,
    phoneNumber: body.phone_number,
    reference: body.reference,
    details: body.metadata && { metadata: body.metadata },
  } as const;
  if (state.status !== 'active') return reject(row, 'VENDOR_INACTIVE');
  if (amount > state.balance - state.held) return reject(row, 'INSUFFICIENT_BALANCE');
  const chargedToday = (state.chargedToday + amount) as Money;
  if (state.dailyLimit !== null && chargedToday > state.dailyLimit) {
    const details = { limit: formatMoney(state.dailyLimit), used: formatMoney(state.chargedToday) };
    return reject(row, 'DAILY_LIMIT_EXCEEDED', details);
  }
  return { ...row, reason: null, balance: -amount, held: ZERO, change: { chargedToday } };
}
