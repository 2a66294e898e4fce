import { type Money, type Rejection, type TransactionId, ZERO } from '@b2b-charge/contracts';
import type { Transaction } from './transaction.ts';
import type { VendorState } from './vendor-state.ts';

/** The settings and counters of a vendor that a command may change besides its balance. */
export type VendorChange = Partial<Pick<VendorState, 'name' | 'status' | 'dailyLimit' | 'chargedToday'>>;

/** What a command's rule says: the row to write, before it is numbered, timed and hashed. */
export interface Ruling {
  readonly type: Transaction['type'];
  readonly reason: Rejection | null;
  readonly amount: Money;
  /** What is added to the balance; zero for a rejection. */
  readonly delta: bigint;
  readonly phoneNumber?: string;
  readonly reversalOf?: TransactionId;
  readonly details?: Record<string, unknown>;
  readonly change?: VendorChange;
}

/** A rejection: the same row without any effect. */
export function reject(
  row: Pick<Ruling, 'type' | 'amount' | 'phoneNumber' | 'reversalOf'>,
  reason: Rejection,
  details?: Record<string, unknown>,
): Ruling {
  return { ...row, reason, delta: ZERO, ...(details ? { details } : {}) };
}
