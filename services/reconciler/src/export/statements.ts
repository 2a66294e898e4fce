/** Made by the database, so that no number passes through a double. */
const money = (column: string): string => `(${column}::numeric / 100)::numeric(20, 2)::text`;
const time = (column: string): string =>
  `to_char(${column} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;
const hex = (column: string): string => `encode(${column}, 'hex')`;

export const VENDOR = `SELECT seq::text AS seq, encode(head_hash, 'hex') AS hash, json_build_object(
    'vendor_id', vendor_id, 'name', name, 'status', status, 'livemode', livemode, 'balance', ${money('balance')},
    'held', ${money('held')},
    'daily_limit', ${money('daily_limit')}, 'business_day', business_day, 'charged_today', ${money('charged_today')},
    'seq', seq, 'head_hash', ${hex('head_hash')}, 'opened_at', ${time('opened_at')}, 'updated_at', ${time('updated_at')}
  )::text AS line
  FROM ledger.vendors WHERE vendor_id = $1`;

/** The next page behind a cursor: whole numbers, in their order, the empty text before the first. */
const page = (line: string, from: string, key: string): string =>
  `SELECT ${key}::text AS cursor, json_build_object(${line})::text AS line
  FROM ${from} WHERE vendor_id = $1 AND ${key} > coalesce(nullif($2, '')::bigint, 0) ORDER BY ${key} LIMIT $3`;

export const TRANSACTIONS = page(
  `'seq', seq, 'transaction_id', id, 'type', type, 'status', status, 'reason', reason, 'amount', ${money('amount')},
    'balance_effect', ${money('balance_effect')}, 'held_effect', ${money('held_effect')},
    'balance_before', ${money('balance_before')}, 'balance_after', ${money('balance_after')},
    'held_before', ${money('held_before')}, 'held_after', ${money('held_after')},
    'phone_number', phone_number, 'phone_erased', phone_commitment IS NOT NULL AND phone_number IS NULL,
    'phone_salt', ${hex('phone_salt')}, 'phone_commitment', ${hex('phone_commitment')},
    'message_id', message_id, 'principal', principal, 'source', source, 'reference', reference, 'resolves', resolves,
    'operator', operator, 'livemode', livemode, 'details', details::json, 'stream', stream,
    'stream_epoch', stream_epoch, 'stream_seq', stream_seq, 'stream_index', stream_index,
    'business_day', business_day, 'created_at', ${time('created_at')}, 'fingerprint', ${hex('fingerprint')}, 'previous_hash', ${hex('previous_hash')}, 'hash', ${hex('hash')}`,
  'ledger.transactions',
  'seq',
);

export const CREDIT_REQUESTS = page(
  `'id', id, 'amount', ${money('amount')}, 'status', status, 'requested_by', requested_by,
    'idempotency_key', idempotency_key, 'approvals_needed', approvals_needed, 'decided_by', decided_by,
    'decided_at', ${time('decided_at')}, 'reason', reason, 'transaction_id', transaction_id, 'created_at', ${time('created_at')}`,
  'credits.requests',
  'id',
);

/** A line for each request that anybody has approved. */
export const APPROVALS = `SELECT r.id::text AS cursor, json_build_object(
    'request_id', r.id, 'approvals', json_agg(json_build_object(
      'approved_by', a.approved_by, 'approved_at', ${time('a.approved_at')}) ORDER BY a.approved_at))::text AS line
  FROM credits.requests r JOIN credits.approvals a ON a.request_id = r.id
  WHERE r.vendor_id = $1 AND r.id > coalesce(nullif($2, '')::bigint, 0) GROUP BY r.id ORDER BY r.id LIMIT $3`;

/** Commands that were never executed; the cursor is "<epoch> <sequence>". */
export const EXPIRATIONS = `SELECT stream_epoch || ' ' || stream_seq AS cursor,
    json_build_object('stream_epoch', stream_epoch, 'stream_seq', stream_seq, 'message_id', message_id,
      'source', source, 'expires_at', ${time('expires_at')}, 'decided_at', ${time('decided_at')})::text AS line
  FROM ledger.expirations
  WHERE vendor_id = $1 AND (stream_epoch, stream_seq) > (
    coalesce(nullif(split_part($2, ' ', 1), '')::int, 0), coalesce(nullif(split_part($2, ' ', 2), '')::bigint, 0))
  ORDER BY stream_epoch, stream_seq LIMIT $3`;
