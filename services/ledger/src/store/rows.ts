import type {
  MessageId,
  Money,
  Rejection,
  TransactionId,
  TransactionStatus,
  TransactionType,
  VendorId,
} from '@b2b-charge/contracts';
import type { Transaction } from '../domain/transaction.ts';
import type { VendorState } from '../domain/vendor-state.ts';

/** The columns of ledger.transactions `t` in forms that need no driver parsing: int8 as text, bytea as hex, time as ms. */
export const TRANSACTION_COLUMNS = `t.vendor_id, t.seq, t.id, t.type, t.status, t.reason, t.amount,
  t.balance_effect, t.held_effect, t.balance_before, t.balance_after, t.held_before, t.held_after,
  t.phone_number, encode(t.phone_salt, 'hex') AS phone_salt, encode(t.phone_commitment, 'hex') AS phone_commitment,
  t.message_id, encode(t.fingerprint, 'hex') AS fingerprint, t.principal, t.source, t.reference, t.resolves, t.operator,
  t.livemode, t.details, t.stream, t.stream_epoch, t.stream_seq, t.stream_index, t.business_day::text AS business_day,
  (extract(epoch FROM t.created_at) * 1000)::bigint AS created_at_ms,
  encode(t.previous_hash, 'hex') AS previous_hash, encode(t.hash, 'hex') AS hash`;

export interface TransactionRow {
  vendor_id: number;
  seq: string;
  id: string;
  type: TransactionType;
  status: TransactionStatus;
  reason: Rejection | null;
  amount: string;
  balance_effect: string;
  held_effect: string;
  balance_before: string;
  balance_after: string;
  held_before: string;
  held_after: string;
  phone_number: string | null;
  phone_salt: string | null;
  phone_commitment: string | null;
  message_id: string;
  fingerprint: string;
  principal: string;
  source: string;
  reference: string | null;
  resolves: string | null;
  operator: string | null;
  livemode: boolean;
  details: string | null;
  stream: number;
  stream_epoch: number;
  stream_seq: string;
  stream_index: number;
  business_day: string;
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
  balanceEffect: BigInt(row.balance_effect),
  heldEffect: BigInt(row.held_effect),
  balanceBefore: BigInt(row.balance_before) as Money,
  balanceAfter: BigInt(row.balance_after) as Money,
  heldBefore: BigInt(row.held_before) as Money,
  heldAfter: BigInt(row.held_after) as Money,
  phoneNumber: row.phone_number,
  phoneSalt: row.phone_salt,
  phoneCommitment: row.phone_commitment,
  messageId: row.message_id as MessageId,
  fingerprint: row.fingerprint,
  principal: row.principal,
  source: row.source,
  reference: row.reference,
  resolves: row.resolves as TransactionId | null,
  operator: row.operator,
  livemode: row.livemode,
  details: row.details,
  stream: row.stream,
  streamEpoch: row.stream_epoch,
  streamSeq: Number(row.stream_seq),
  streamIndex: row.stream_index,
  businessDay: row.business_day,
  createdAtMs: Number(row.created_at_ms),
  previousHash: row.previous_hash,
  hash: row.hash,
});

export interface VendorRow {
  vendor_id: number;
  name: string;
  status: 'active' | 'suspended';
  stored_balance: string;
  livemode: boolean;
  daily_limit: string | null;
  business_day: string;
  charged_today: string;
  seq: string;
  opened_at_ms: string;
  /** Of the head transaction; null if the database lost it. */
  balance_after: string | null;
  held_after: string | null;
  head_hash: string | null;
  updated_at_ms: string | null;
}

export class MissingHeadError extends Error {
  override name = 'MissingHeadError';
}

/** Throws MissingHeadError if the vendor's last transaction is not there. */
export function toVendorState(row: VendorRow): VendorState {
  if (row.balance_after === null || row.held_after === null || row.head_hash === null) {
    throw new MissingHeadError(`transaction ${row.seq} of vendor ${row.vendor_id} is missing`);
  }
  return {
    vendorId: row.vendor_id as VendorId,
    name: row.name,
    status: row.status,
    balance: BigInt(row.balance_after) as Money,
    held: BigInt(row.held_after) as Money,
    livemode: row.livemode,
    dailyLimit: row.daily_limit === null ? null : (BigInt(row.daily_limit) as Money),
    businessDay: row.business_day,
    chargedToday: BigInt(row.charged_today) as Money,
    seq: Number(row.seq),
    headHash: row.head_hash,
    openedAtMs: Number(row.opened_at_ms),
    updatedAtMs: Number(row.updated_at_ms),
  };
}
