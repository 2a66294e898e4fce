import type {
  MessageId,
  Money,
  Rejection,
  TransactionId,
  TransactionType,
  VendorId,
} from '@b2b-charge/contracts';
import type { Transaction } from '../domain/transaction.ts';
import type { VendorState } from '../domain/vendor-state.ts';

/** The columns of ledger.transactions `t` in forms that need no driver parsing: int8 as text, bytea as hex, time as ms. */
export const TRANSACTION_COLUMNS = `t.vendor_id, t.seq, t.id, t.type, t.status, t.reason, t.amount, t.phone_number,
  t.balance_before, t.balance_after, t.message_id, encode(t.fingerprint, 'hex') AS fingerprint, t.source,
  t.stream_epoch, t.stream_seq, t.reversal_of, t.details,
  (extract(epoch FROM t.created_at) * 1000)::bigint AS created_at_ms,
  encode(t.previous_hash, 'hex') AS previous_hash, encode(t.hash, 'hex') AS hash`;

export interface TransactionRow {
  vendor_id: number;
  seq: string;
  id: string;
  type: TransactionType;
  status: 'approved' | 'rejected';
  reason: Rejection | null;
  amount: string;
  phone_number: string | null;
  balance_before: string;
  balance_after: string;
  message_id: string;
  fingerprint: string;
  source: string;
  stream_epoch: number;
  stream_seq: string;
  reversal_of: string | null;
  details: string | null;
  created_at_ms: string;
  previous_hash: string;
  hash: string;
}

export const toTransaction = (row: TransactionRow): Transaction => ({
  vendorId: row.vendor_id as VendorId,
  seq: Number(row.seq),
  id: row.id as TransactionId,
  type: row.type,
  status: row.status,
  reason: row.reason,
  amount: BigInt(row.amount) as Money,
  phoneNumber: row.phone_number,
  balanceBefore: BigInt(row.balance_before) as Money,
  balanceAfter: BigInt(row.balance_after) as Money,
  messageId: row.message_id as MessageId,
  fingerprint: row.fingerprint,
  source: row.source,
  streamEpoch: row.stream_epoch,
  streamSeq: Number(row.stream_seq),
  reversalOf: row.reversal_of as TransactionId | null,
  details: row.details,
  createdAtMs: Number(row.created_at_ms),
  previousHash: row.previous_hash,
  hash: row.hash,
});

export interface VendorRow {
  vendor_id: number;
  name: string;
  status: 'active' | 'suspended';
  stored_balance: string;
  daily_limit: string | null;
  business_day: string;
  charged_today: string;
  seq: string;
  opened_at_ms: string;
  /** Of the head transaction; null if the database lost it. */
  balance_after: string | null;
  head_hash: string | null;
  updated_at_ms: string | null;
}

export class MissingHeadError extends Error {
  override name = 'MissingHeadError';
}

/** Throws MissingHeadError if the vendor's last transaction is not there. */
export function toVendorState(row: VendorRow): VendorState {
  if (row.balance_after === null || row.head_hash === null) {
    throw new MissingHeadError(`transaction ${row.seq} of vendor ${row.vendor_id} is missing`);
  }
  return {
    vendorId: row.vendor_id as VendorId,
    name: row.name,
    status: row.status,
    balance: BigInt(row.balance_after) as Money,
    dailyLimit: row.daily_limit === null ? null : (BigInt(row.daily_limit) as Money),
    businessDay: row.business_day,
    chargedToday: BigInt(row.charged_today) as Money,
    seq: Number(row.seq),
    headHash: row.head_hash,
    openedAtMs: Number(row.opened_at_ms),
    updatedAtMs: Number(row.updated_at_ms),
  };
}
