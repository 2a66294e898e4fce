import {
  businessDay,
  type CommandBody,
  MAX_MONEY,
  type Money,
  parseTransactionId,
  type TransactionId,
  ZERO,
} from '@b2b-charge/contracts';
import { type Ruling, reject } from '../ruling.ts';
import type { Transaction } from '../transaction.ts';
import type { VendorState } from '../vendor-state.ts';

export interface Original {
  /** The transaction to reverse, if the vendor has it. */
  readonly transaction: Transaction | undefined;
  readonly reversed: boolean;
}

/** Gives a posted charge back, once; on the day of the charge it gives back the day's allowance too. */
export function reverse(
  state: VendorState,
  body: CommandBody<'reverse.v1'>,
  { transaction, reversed }: Original,
  timeZone: string,
): Ruling {
  const reversalOf: TransactionId = parseTransactionId(body.transaction_id)!.id;
  const details = { reason: body.reason };
  const row = { type: 'reversal', amount: transaction?.amount ?? ZERO, reversalOf } as const;
  if (transaction?.type !== 'charge' || transaction.status !== 'approved')
    return reject(row, 'NOT_REVERSIBLE', details);
  if (reversed) return reject(row, 'ALREADY_REVERSED', details);
  if (state.balance + row.amount > MAX_MONEY) return reject(row, 'BALANCE_LIMIT_EXCEEDED', details);
  const sameDay = businessDay(transaction.createdAtMs, timeZone) === state.businessDay;
  const change = sameDay ? { change: { chargedToday: (state.chargedToday - row.amount) as Money } } : {};
  return { ...row, ...change, reason: null, delta: row.amount, details };
}
