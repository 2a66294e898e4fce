import {
  type CommandBody,
  MAX_MONEY,
  type Money,
  parseTransactionId,
  type TransactionId,
  ZERO,
} from '@b2b-charge/contracts';
import { type Effect, reject } from '../effect.ts';
import type { Transaction } from '../transaction.ts';
import type { VendorState } from '../vendor-state.ts';

export interface Original {
  /** The transaction to reverse, if the vendor has it. */
  readonly transaction: Transaction | undefined;
  readonly reversed: boolean;
}

/** Reverses a posted charge, once. On the charge's business day the daily limit gets the amount back, too. */
export function reverse(
  state: VendorState,
  body: CommandBody<'reverse.v1'>,
  { transaction, reversed }: Original,
): Effect {
  const resolves: TransactionId = parseTransactionId(body.transaction_id)!.id;
  const details = { reason: body.reason };
  const row = { type: 'reversal', amount: transaction?.amount ?? ZERO, resolves, details } as const;
  if (transaction?.type !== 'charge' || transaction.status !== 'posted') return reject(row, 'NOT_REVERSIBLE');
  if (reversed) return reject(row, 'ALREADY_REVERSED');
  if (state.balance + row.amount > MAX_MONEY) return reject(row, 'BALANCE_LIMIT_EXCEEDED');
  const sameDay = transaction.businessDay === state.businessDay;
  const change = sameDay ? { change: { chargedToday: (state.chargedToday - row.amount) as Money } } : {};
  return { ...row, ...change, reason: null, balance: row.amount, held: ZERO };
}
