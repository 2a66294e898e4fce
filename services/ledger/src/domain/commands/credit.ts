import { type CommandBody, MAX_MONEY, parseMoney, ZERO } from '@b2b-charge/contracts';
import { type Effect, reject } from '../effect.ts';
import type { VendorState } from '../vendor-state.ts';

/** Adds approved credit, to a suspended vendor too: it has been paid for. */
export function credit(state: VendorState, body: CommandBody<'credit.v1'>): Effect {
  const amount = parseMoney(body.amount)!;
  const row = { type: 'credit', amount, reference: body.reference } as const;
  if (state.balance + amount > MAX_MONEY) return reject(row, 'BALANCE_LIMIT_EXCEEDED');
  return { ...row, reason: null, balance: amount, held: ZERO };
}
