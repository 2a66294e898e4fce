import { type CommandBody, MAX_MONEY, parseMoney } from '@b2b-charge/contracts';
import { type Ruling, reject } from '../ruling.ts';
import type { VendorState } from '../vendor-state.ts';

/** Adds approved credit, to a suspended vendor too: it has been paid for. */
export function credit(state: VendorState, body: CommandBody<'credit.v1'>): Ruling {
  const amount = parseMoney(body.amount)!;
  const row = { type: 'credit', amount } as const;
  if (state.balance + amount > MAX_MONEY) return reject(row, 'BALANCE_LIMIT_EXCEEDED');
  const details = body.reference === undefined ? {} : { details: { reference: body.reference } };
  return { ...row, ...details, reason: null, delta: amount };
}
