import { type Money, type Rejection, type TransactionId, ZERO } from '@b2b-charge/contracts';
import type { Transaction } from './transaction.ts';
import type { VendorState } from './vendor-state.ts';

/** The settings and counters of a vendor that a command may change besides its balance. */
export type VendorChange = Partial<
  Pick<VendorState, 'name' | 'status' | 'dailyLimit' | 'chargedToday' | 'livemode'>
>;

/** A rule's result: the row to write, before it is numbered, timed and hashed. */
export interface Effect {
  readonly type: Transaction['type'];
  readonly reason: Rejection | null;
  readonly amount: Money;
  /** Added to the balance, minor units; zero for a rejection. */
  readonly balance: bigint;
  /** Added to what is held, minor units; zero for a rejection. */
  readonly held: bigint;
  readonly phoneNumber?: string;
  readonly reference?: string | undefined;
  readonly resolves?: TransactionId;
  readonly details?: Record<string, unknown> | undefined;
  readonly change?: VendorChange;
}

type Row = Pick<Effect, 'type' | 'amount' | 'phoneNumber' | 'reference' | 'resolves' | 'details'>;

/** Returns the row of a rejection: nothing moves. `details` are added to the row's own. */
export function reject(row: Row, reason: Rejection, details?: Record<string, unknown>): Effect {
  const all = row.details || details ? { ...row.details, ...details } : undefined;
  return { ...row, reason, balance: ZERO, held: ZERO, details: all };
}
