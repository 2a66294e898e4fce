/**
 * The auditor's own reading of a transaction, in SQL. It deliberately uses none of the ledger's functions or views:
 * whoever can change a row could change those too. Columns: t.*, and p_* of the row before (null before the first).
 */

/** The text that a transaction's hash covers (docs/ledger.md). */
const CANONICAL = `concat_ws(E'\\n', 'b2b-charge/1', vendor_id, seq, id, type, status, coalesce(reason, ''), amount,
  balance_effect, held_effect, balance_before, balance_after, held_before, held_after,
  coalesce(encode(phone_commitment, 'hex'), ''), message_id, encode(fingerprint, 'hex'), principal, source,
  coalesce(reference, ''), coalesce(resolves::text, ''), coalesce(operator, ''), livemode::text,
  coalesce(encode(sha256(convert_to(details, 'UTF8')), 'hex'), ''), stream, stream_epoch, stream_seq, stream_index,
  to_char(business_day, 'YYYY-MM-DD'), to_char(created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
  encode(previous_hash, 'hex'))`;

/** The balance effect that a row's type and status call for. The only place where the audit knows a type's sign. */
const EFFECT = `CASE WHEN status <> 'posted' THEN 0 WHEN type = 'charge' THEN -amount
  WHEN type IN ('credit', 'reversal') THEN amount ELSE 0 END`;

/** UUID version 8 of time (48 bits), vendor (32) and seq (42). */
const ID_OF_PLACE = `(lpad(to_hex((date_part('epoch', created_at) * 1000)::bigint), 12, '0') || '8' ||
  lpad(to_hex(vendor_id >> 20), 3, '0') ||
  to_hex((-9223372036854775808)::bigint | ((vendor_id & 1048575)::bigint << 42) | seq))::uuid`;

/** True where the row is wrong. The names are the keys of ROW_DEFECTS. */
export const ROW_CONDITIONS = {
  content: `hash <> sha256(convert_to(${CANONICAL}, 'UTF8'))`,
  number: 'seq <> coalesce(p_seq, 0) + 1',
  opening: 'balance_before <> coalesce(p_balance, 0) OR held_before <> coalesce(p_held, 0)',
  link: `previous_hash <> coalesce(p_hash, decode(repeat('00', 32), 'hex'))`,
  effect: `balance_effect <> ${EFFECT} OR held_effect <> 0
    OR balance_after <> balance_before + balance_effect OR held_after <> held_before + held_effect
    OR type IN ('open-vendor', 'update-vendor', 'rebuild') AND amount <> 0`,
  overdraft: 'balance_after < 0 OR balance_before < 0 OR held_after NOT BETWEEN 0 AND balance_after',
  order: '(stream_epoch, stream_seq, stream_index) <= (p_epoch, p_stream_seq, p_stream_index)',
  time: 'created_at < p_created_at OR business_day < p_business_day',
  phone: `(type = 'charge') <> (phone_commitment IS NOT NULL) OR (phone_number IS NULL) <> (phone_salt IS NULL)
    OR phone_commitment <> sha256(phone_salt || convert_to(phone_number, 'UTF8'))`,
  identity: `id <> ${ID_OF_PLACE}`,
  mode: `livemode <> coalesce(p_livemode, details ~ '^[{]"daily_limit":(null|"[0-9.]+"),"livemode":true,')`,
  refusal: `(status = 'rejected') <> (reason IS NOT NULL)
    OR reason = 'INSUFFICIENT_BALANCE' AND amount <= balance_before - held_before`,
} as const;
export type RowDefect = keyof typeof ROW_CONDITIONS;

/** Any of the conditions; NULL (no row before) counts as not. */
export const ANY_DEFECT = Object.values(ROW_CONDITIONS)
  .map((condition) => `(${condition})`)
  .join(' OR ');

/** The rows of a span with the row before each: s.vendor_id, s.from_seq (the anchor, itself included), s.to_seq. */
export const LINKED_ROWS = `SELECT t.*,
    lag(seq) OVER chain AS p_seq, lag(balance_after) OVER chain AS p_balance, lag(held_after) OVER chain AS p_held, lag(hash) OVER chain AS p_hash,
    lag(stream_epoch) OVER chain AS p_epoch, lag(stream_seq) OVER chain AS p_stream_seq,
    lag(stream_index) OVER chain AS p_stream_index, lag(business_day) OVER chain AS p_business_day,
    lag(created_at) OVER chain AS p_created_at, lag(livemode) OVER chain AS p_livemode
  FROM ledger.transactions t
  WHERE t.vendor_id = s.vendor_id AND t.seq BETWEEN s.from_seq AND s.to_seq
  WINDOW chain AS (ORDER BY seq)`;
