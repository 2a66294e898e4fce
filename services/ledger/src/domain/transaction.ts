import { hash } from 'node:crypto';
import {
  isoTime,
  type MessageId,
  type Money,
  type Rejection,
  type TransactionId,
  type TransactionStatus,
  type TransactionType,
  type VendorId,
} from '@b2b-charge/contracts';

/** One link of a vendor's chain, posted or rejected. Never changes once written, except that a phone number is erased. */
export interface Transaction {
  readonly vendorId: VendorId;
  readonly seq: number;
  readonly id: TransactionId;
  readonly type: TransactionType;
  readonly status: TransactionStatus;
  /** Null unless rejected. */
  readonly reason: Rejection | null;
  /** Amount that the command asked for, also if it was rejected. */
  readonly amount: Money;
  /** Added to the balance: negative for a charge, zero for a rejection. */
  readonly balanceEffect: bigint;
  /** Added to what is held. */
  readonly heldEffect: bigint;
  readonly balanceBefore: Money;
  readonly balanceAfter: Money;
  readonly heldBefore: Money;
  readonly heldAfter: Money;
  /** Null if the type has none, or after an erasure. */
  readonly phoneNumber: string | null;
  /** Hex, 16 bytes; null exactly if the number is. */
  readonly phoneSalt: string | null;
  /** Hex, 32 bytes; stays after an erasure. See phoneCommitment. */
  readonly phoneCommitment: string | null;
  readonly messageId: MessageId;
  /** Hex, 16 bytes. */
  readonly fingerprint: string;
  readonly principal: string;
  readonly source: string;
  readonly reference: string | null;
  /** The transaction that this one reverses or ends. */
  readonly resolves: TransactionId | null;
  /** The telecom operator; null if none was asked. */
  readonly operator: string | null;
  readonly livemode: boolean;
  /** Canonical JSON: everything else that the command carried or the rule noted. */
  readonly details: string | null;
  /** Number of the command stream. */
  readonly stream: number;
  readonly streamEpoch: number;
  readonly streamSeq: number;
  /** Place within the message; 0 for a message of one command. */
  readonly streamIndex: number;
  readonly businessDay: string;
  readonly createdAtMs: number;
  /** Hex, 32 bytes; zeros before the first. */
  readonly previousHash: string;
  readonly hash: string;
}

/** The content that is hashed: all but the hash itself, and but what an erasure takes away. */
export type HashedContent = Omit<Transaction, 'hash' | 'phoneNumber' | 'phoneSalt'>;

/**
 * The text that is hashed. `ledger.canonical_texts` in the database and the reconciler rebuild it: docs/ledger.md lists
 * the lines. An absent value is an empty line; no value holds a line feed.
 */
export function canonicalText(t: HashedContent): string {
  const details = t.details === null ? '' : hash('sha256', t.details, 'hex');
  return `b2b-charge/1\n${t.vendorId}\n${t.seq}\n${t.id}\n${t.type}\n${t.status}\n${t.reason ?? ''}\n${t.amount}\n${
    t.balanceEffect
  }\n${t.heldEffect}\n${t.balanceBefore}\n${t.balanceAfter}\n${t.heldBefore}\n${t.heldAfter}\n${
    t.phoneCommitment ?? ''
  }\n${t.messageId}\n${t.fingerprint}\n${t.principal}\n${t.source}\n${t.reference ?? ''}\n${t.resolves ?? ''}\n${
    t.operator ?? ''
  }\n${t.livemode}\n${details}\n${t.stream}\n${t.streamEpoch}\n${t.streamSeq}\n${t.streamIndex}\n${
    t.businessDay
  }\n${isoTime(t.createdAtMs)}\n${t.previousHash}`;
}

export const sealTransaction = (content: Omit<Transaction, 'hash'>): Transaction => ({
  ...content,
  hash: hash('sha256', canonicalText(content), 'hex'),
});
