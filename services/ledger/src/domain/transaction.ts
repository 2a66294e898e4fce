import { hash } from 'node:crypto';
import type {
  MessageId,
  Money,
  Rejection,
  TransactionId,
  TransactionType,
  VendorId,
} from '@b2b-charge/contracts';

/** One link of a vendor's chain, posted or rejected. Never changes once written. */
export interface Transaction {
  readonly vendorId: VendorId;
  readonly seq: number;
  readonly id: TransactionId;
  readonly type: TransactionType;
  readonly status: 'approved' | 'rejected';
  readonly reason: Rejection | null;
  readonly amount: Money;
  readonly phoneNumber: string | null;
  readonly balanceBefore: Money;
  readonly balanceAfter: Money;
  readonly messageId: MessageId;
  /** Hex, 16 bytes. */
  readonly fingerprint: string;
  readonly source: string;
  readonly streamEpoch: number;
  readonly streamSeq: number;
  readonly reversalOf: TransactionId | null;
  /** JSON text: what the columns have no place for (a limit, a reason, changed settings). */
  readonly details: string | null;
  readonly createdAtMs: number;
  /** Hex, 32 bytes; zeros before the first. */
  readonly previousHash: string;
  readonly hash: string;
}

/** The text that is hashed; `ledger.canonical_text` in the database rebuilds it. No field can hold a line feed. */
export function canonicalText(t: Omit<Transaction, 'hash'>): string {
  return `v1\n${t.vendorId}\n${t.seq}\n${t.id}\n${t.type}\n${t.status}\n${t.reason ?? ''}\n${t.amount}\n${
    t.phoneNumber ?? ''
  }\n${t.balanceBefore}\n${t.balanceAfter}\n${t.messageId}\n${t.fingerprint}\n${t.source}\n${t.streamEpoch}\n${
    t.streamSeq
  }\n${t.reversalOf ?? ''}\n${t.details ?? ''}\n${t.createdAtMs}\n${t.previousHash}`;
}

export const sealTransaction = (content: Omit<Transaction, 'hash'>): Transaction => ({
  ...content,
  hash: hash('sha256', canonicalText(content), 'hex'),
});
