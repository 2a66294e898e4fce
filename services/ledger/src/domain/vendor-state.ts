import type { Money, VendorId } from '@b2b-charge/contracts';

/** What the ledger knows of a vendor when it decides: the head of its chain and its settings. */
export interface VendorState {
  readonly vendorId: VendorId;
  readonly name: string;
  readonly status: 'active' | 'suspended';
  /** The balance after the last transaction: transactions are the truth, the stored balance is their copy. */
  readonly balance: Money;
  /** The part of the balance that open holds keep. */
  readonly held: Money;
  /** False for a test vendor. */
  readonly livemode: boolean;
  /** Null: no limit. */
  readonly dailyLimit: Money | null;
  /** The day that `chargedToday` counts, e.g. "2026-11-23". */
  readonly businessDay: string;
  readonly chargedToday: Money;
  /** Number of the last transaction; 0 before the first. */
  readonly seq: number;
  /** Hash of the last transaction, hex. */
  readonly headHash: string;
  readonly openedAtMs: number;
  /** Time of the last transaction; no later one is earlier. */
  readonly updatedAtMs: number;
}

/** The state of a vendor that is about to be opened. */
export function unopened(vendorId: VendorId): VendorState {
  return {
    vendorId,
    name: '',
    status: 'active',
    balance: 0n as Money,
    held: 0n as Money,
    livemode: true,
    dailyLimit: null,
    businessDay: '0001-01-01',
    chargedToday: 0n as Money,
    seq: 0,
    headHash: '0'.repeat(64),
    openedAtMs: 0,
    updatedAtMs: 0,
  };
}
