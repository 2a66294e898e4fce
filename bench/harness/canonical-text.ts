/** The text that a row's hash covers (docs/ledger.md), in SQL over a row variable. */
export const canonicalText = (
  t: string,
): string => `concat_ws(E'\\n', 'b2b-charge/1', ${t}.vendor_id, ${t}.seq, ${t}.id,
  ${t}.type, ${t}.status, coalesce(${t}.reason, ''), ${t}.amount, ${t}.balance_effect, ${t}.held_effect,
  ${t}.balance_before, ${t}.balance_after, ${t}.held_before, ${t}.held_after,
  coalesce(encode(${t}.phone_commitment, 'hex'), ''), ${t}.message_id, encode(${t}.fingerprint, 'hex'), ${t}.principal,
  ${t}.source, coalesce(${t}.reference, ''), coalesce(${t}.resolves::text, ''), coalesce(${t}.operator, ''),
  ${t}.livemode::text, coalesce(encode(sha256(convert_to(${t}.details, 'UTF8')), 'hex'), ''), ${t}.stream,
  ${t}.stream_epoch, ${t}.stream_seq, ${t}.stream_index, to_char(${t}.business_day, 'YYYY-MM-DD'),
  to_char(${t}.created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), encode(${t}.previous_hash, 'hex'))`;
