import { parseTransactionId, type Receipt } from '@b2b-charge/contracts';
import { CallError } from '@b2b-charge/runtime';
import { readerOf } from '../audit/snapshot.ts';
import type { AuditTools } from '../run/audit-tools.ts';
import { latestCheckpoint, statementHash } from '../store/checkpoints.ts';
import { contentHash, type ReceiptContent, receiptStatement } from './receipt-statement.ts';

const SQL = `SELECT t.vendor_id::text, t.seq::text, t.id::text AS transaction_id, t.type::text, t.status::text,
    coalesce(t.reason, '') AS reason, t.amount::text, t.balance_effect::text, t.held_effect::text,
    t.balance_before::text, t.balance_after::text, t.held_before::text, t.held_after::text,
    coalesce(encode(t.phone_commitment, 'hex'), '') AS phone_commitment, t.message_id,
    encode(t.fingerprint, 'hex') AS fingerprint, t.principal, t.source, coalesce(t.reference, '') AS reference,
    coalesce(t.resolves::text, '') AS resolves, coalesce(t.operator, '') AS operator, t.livemode::text,
    coalesce(encode(sha256(convert_to(t.details, 'UTF8')), 'hex'), '') AS details_digest, t.stream::text,
    t.stream_epoch::text, t.stream_seq::text, t.stream_index::text, to_char(t.business_day, 'YYYY-MM-DD') AS business_day,
    to_char(t.created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS created_at,
    t.phone_number, encode(t.phone_salt, 'hex') AS phone_salt, t.details,
    encode(t.previous_hash, 'hex') AS previous_hash, encode(t.hash, 'hex') AS hash,
    encode(p.hash, 'hex') AS predecessor_hash, encode(n.previous_hash, 'hex') AS successor_link
  FROM ledger.transactions t
  LEFT JOIN ledger.transactions p ON p.vendor_id = t.vendor_id AND p.seq = t.seq - 1
  LEFT JOIN ledger.transactions n ON n.vendor_id = t.vendor_id AND n.seq = t.seq + 1
  WHERE t.vendor_id = $1 AND t.seq = $2 AND t.id = $3`;

interface Row extends ReceiptContent {
  hash: string;
  predecessor_hash: string | null;
  successor_link: string | null;
  phone_number: string | null;
  phone_salt: string | null;
  details: string | null;
}

/**
 * A signed receipt of a transaction that stands in its chain as it should; null if there is none (or it is another
 * vendor's). Errors: NOT_CONFIGURED without a signing key, NOT_PROVEN when the row contradicts its chain.
 */
export async function issueReceipt(
  { pool, keys, currency }: Pick<AuditTools, 'pool' | 'keys' | 'currency'>,
  wanted: { vendorId: number | null; transactionId: string },
): Promise<Receipt | null> {
  if (!keys) throw new CallError('NOT_CONFIGURED', 'this installation signs no receipts');
  const place = parseTransactionId(wanted.transactionId);
  if (!place || (wanted.vendorId !== null && wanted.vendorId !== place.vendorId)) return null;
  const { rows } = await pool.query<Row>(SQL, [place.vendorId, place.seq, place.id]);
  const row = rows[0];
  if (!row) return null;
  const {
    hash,
    predecessor_hash: predecessor,
    successor_link: successor,
    phone_number: number,
    phone_salt: salt,
    details,
    ...content
  } = row;
  const linked =
    contentHash(content) === hash &&
    content.previous_hash === (predecessor ?? '0'.repeat(64)) &&
    (successor === null || successor === hash);
  if (!linked) throw new CallError('NOT_PROVEN', 'the transaction contradicts its chain; an audit must look');
  const checkpoint = await latestCheckpoint(readerOf(pool));
  const statement = receiptStatement({
    issuedAt: new Date().toISOString(),
    currency,
    content,
    checkpointHash: checkpoint && statementHash(checkpoint),
  });
  return {
    statement,
    key_id: keys.current.keyId,
    signature: keys.current.sign(statement).toString('base64'),
    public_key: keys.current.publicKey,
    checkpoint,
    phone: number === null ? null : { number, salt: salt! },
    details,
  };
}
