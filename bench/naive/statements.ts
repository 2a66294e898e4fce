import type { Transaction } from '../../services/ledger/src/domain/transaction.ts';
import type { VendorState } from '../../services/ledger/src/domain/vendor-state.ts';
import { TRANSACTION_COLUMNS } from '../../services/ledger/src/store/rows.ts';

/** Prepared by its name. */
export interface Statement {
  readonly name: string;
  readonly text: string;
}

export const BEGIN: Statement = { name: 'begin', text: 'BEGIN' };
export const COMMIT: Statement = { name: 'commit', text: 'COMMIT' };
export const ROLLBACK: Statement = { name: 'rollback', text: 'ROLLBACK' };

/** The vendor, locked, and the place of the key's transaction if it was used before. */
export const READ: Statement = {
  name: 'read',
  text: `SELECT v.vendor_id, v.name, v.status, v.livemode, v.balance AS stored_balance, v.balance AS balance_after,
      v.held AS held_after, v.daily_limit,
      v.business_day::text AS business_day, v.charged_today, v.seq, encode(v.head_hash, 'hex') AS head_hash,
      (extract(epoch FROM v.opened_at) * 1000)::bigint AS opened_at_ms,
      (extract(epoch FROM v.updated_at) * 1000)::bigint AS updated_at_ms, k.seq AS known_seq
    FROM ledger.vendors v LEFT JOIN ledger.transactions k ON k.vendor_id = v.vendor_id AND k.message_id = $2
    WHERE v.vendor_id = $1 FOR UPDATE OF v`,
};

export const KNOWN: Statement = {
  name: 'known',
  text: `SELECT ${TRANSACTION_COLUMNS} FROM ledger.transactions t WHERE t.vendor_id = $1 AND t.seq = $2`,
};

/** The transaction and the vendor's row in one statement: a round trip less. */
export const WRITE: Statement = {
  name: 'write',
  text: `WITH added AS (
      INSERT INTO ledger.transactions (vendor_id, seq, id, type, status, reason, amount, balance_effect, held_effect,
        balance_before, balance_after, held_before, held_after, phone_number, phone_salt, phone_commitment, message_id,
        fingerprint, principal, source, livemode, stream, stream_epoch, stream_seq, stream_index, business_day,
        created_at, previous_hash, hash)
      VALUES ($1, $2, $3, 'charge', $4, $5, $6, $20, 0, $8, $9, 0, 0, $7, $21, $22, $10, $11, $23, $12, true, 0, $13, $14,
        0, $18, $15, $16, $17))
    UPDATE ledger.vendors SET balance = $9, seq = $2, head_hash = $17, updated_at = $15, business_day = $18,
      charged_today = $19
    WHERE vendor_id = $1`,
};

const bytes = (hex: string) => Buffer.from(hex, 'hex');

export const writeValues = (t: Transaction, state: VendorState): unknown[] => [
  t.vendorId,
  t.seq,
  t.id,
  t.status,
  t.reason,
  t.amount.toString(),
  t.phoneNumber,
  t.balanceBefore.toString(),
  t.balanceAfter.toString(),
  t.messageId,
  bytes(t.fingerprint),
  t.source,
  t.streamEpoch,
  t.streamSeq,
  new Date(t.createdAtMs).toISOString(),
  bytes(t.previousHash),
  bytes(t.hash),
  state.businessDay,
  state.chargedToday.toString(),
  t.balanceEffect.toString(),
  bytes(t.phoneSalt!),
  bytes(t.phoneCommitment!),
  t.principal,
];
