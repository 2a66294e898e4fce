/**
 * The auditor's own reading of a transaction, in SQL. It deliberately uses none of the ledger's functions or views:
 * whoever can change a row could change those too. Columns: t.*, and p_* of the row before (null before the first).
 */

/** The text that a transaction's hash is taken over (docs/ledger.md). */
const CANONICAL = `concat('v1', E'\\n', vendor_id, E'\\n', seq, E'\\n', id, E'\\n', type, E'\\n', status, E'\\n',
  reason, E'\\n', amount, E'\\n', phone_number, E'\\n', balance_before, E'\\n', balance_after, E'\\n',
  message_id, E'\\n', encode(fingerprint, 'hex'), E'\\n', source, E'\\n', stream_epoch, E'\\n',
  stream_seq, E'\\n', reversal_of, E'\\n', details, E'\\n',
  (date_part('epoch', created_at) * 1000)::bigint, E'\\n', encode(previous_hash, 'hex'))`;

/** What a row of this type and status adds to the balance. */
const EFFECT = `CASE WHEN status <> 'approved' THEN 0 WHEN type = 'charge' THEN -amount
  WHEN type IN ('credit', 'reversal') THEN amount ELSE 0 END`;

/** UUID version 8 of time (48 bits), vendor (32) and seq (42). */
const ID_OF_PLACE = `(lpad(to_hex((date_part('epoch', created_at) * 1000)::bigint), 12, '0') || '8' ||
  lpad(to_hex(vendor_id >> 20), 3, '0') ||
  to_hex((-9223372036854775808)::bigint | ((vendor_id & 1048575)::bigint << 42) | seq))::uuid`;

/** True where the row is wrong. The names are the keys of ROW_DEFECTS. */
export const ROW_CONDITIONS = {
  content: `hash <> sha256(convert_to(${CANONICAL}, 'UTF8'))`,
  number: 'seq <> coalesce(p_seq, 0) + 1',
  opening: 'balance_before <> coalesce(p_balance, 0)',
  link: `previous_hash <> coalesce(p_hash, decode(repeat('00', 32), 'hex'))`,
  effect: `balance_after <> balance_before + ${EFFECT}`,
  overdraft: 'balance_after < 0 OR balance_before < 0',
  order: '(stream_epoch, stream_seq) <= (p_epoch, p_stream_seq)',
  time: 'created_at < p_created_at',
  identity: `id <> ${ID_OF_PLACE}`,
  refusal: `(status = 'rejected') <> (reason IS NOT NULL)
    OR reason = 'INSUFFICIENT_BALANCE' AND amount <= balance_before`,
} as const;
export type RowDefect = keyof typeof ROW_CONDITIONS;

/** Any of the conditions; NULL (no row before) counts as not. */
export const ANY_DEFECT = Object.values(ROW_CONDITIONS)
  .map((condition) => `(${condition})`)
  .join(' OR ');

/** The rows of a span with the row before each: s.vendor_id, s.from_seq (the anchor, itself included), s.to_seq. */
export const LINKED_ROWS = `SELECT t.*,
    lag(seq) OVER chain AS p_seq, lag(balance_after) OVER chain AS p_balance, lag(hash) OVER chain AS p_hash,
    lag(stream_epoch) OVER chain AS p_epoch, lag(stream_seq) OVER chain AS p_stream_seq,
    lag(created_at) OVER chain AS p_created_at
  FROM ledger.transactions t
  WHERE t.vendor_id = s.vendor_id AND t.seq BETWEEN s.from_seq AND s.to_seq
  WINDOW chain AS (ORDER BY seq)`;
