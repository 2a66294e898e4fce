import type pg from 'pg';

/**
 * Books that hold in every respect, made by SQL: vendors opened, credited through approved requests, then charges. Their
 * commands stand in the log in the same order; without a log they belong to one that was lost (an older stream epoch), as
 * after a restore without it.
 */
const MAKE_BOOKS = `
CREATE SCHEMA bench;
CREATE FUNCTION bench.link_id(vendor int, seq bigint, ms bigint) RETURNS uuid LANGUAGE sql IMMUTABLE AS $$
  SELECT (lpad(to_hex(ms), 12, '0') || '8' || lpad(to_hex(vendor >> 20), 3, '0') ||
    to_hex((-9223372036854775808)::bigint | ((vendor & 1048575)::bigint << 42) | seq))::uuid $$;

-- One more link for each of the vendors, in the order in which a shop sells: all of them, again and again.
CREATE FUNCTION bench.add_links(vendors int, number bigint) RETURNS void LANGUAGE sql AS $$
  INSERT INTO ledger.transactions (vendor_id, stream_epoch, seq, stream_seq, amount, balance_before, balance_after,
    created_at, id, type, status, fingerprint, previous_hash, hash, message_id, source, phone_number, details)
  SELECT l.vendor_id, 1, number, l.place, l.amount, l.before, l.after, l.at, l.id, l.type, 'approved', l.fingerprint,
    l.link, sha256(convert_to(ledger.canonical_text(ROW(l.vendor_id, 1, number, l.place, l.amount, l.before, l.after,
      l.at, l.id, l.type, 'approved', l.fingerprint, l.link, l.link, l.message_id, l.source, l.phone, NULL, NULL,
      l.details)::ledger.transactions), 'UTF8')),
    l.message_id, l.source, l.phone, l.details
  FROM (
    SELECT v AS vendor_id, k.place, k.amount, coalesce(p.balance_after, 0) AS before,
      coalesce(p.balance_after, 0) + CASE WHEN number > 2 THEN -k.amount ELSE k.amount END AS after,
      to_timestamp(k.ms / 1000.0) AS at, bench.link_id(v, number, k.ms) AS id,
      (CASE number WHEN 1 THEN 'open-vendor' WHEN 2 THEN 'credit' ELSE 'charge' END)::ledger.transaction_type AS type,
      substr(sha256(convert_to(CASE number WHEN 1 THEN '["open-vendor","Vendor ' || v || '",null]'
        WHEN 2 THEN '["credit","1000000.00",null]'
        ELSE '["charge","+98912' || lpad(v::text, 7, '0') || '","' || to_char(k.amount / 100.0, 'FM999999990.00') || '"]'
        END, 'UTF8')), 1, 16) AS fingerprint,
      coalesce(p.hash, decode(repeat('00', 32), 'hex')) AS link,
      CASE number WHEN 2 THEN 'credit-request-' || v ELSE 'till-' || v || '-order-' || number END AS message_id,
      CASE number WHEN 2 THEN 'credits' ELSE 'gateway' END AS source,
      CASE WHEN number > 2 THEN '+98912' || lpad(v::text, 7, '0') END AS phone,
      CASE number WHEN 1 THEN '{"name":"Vendor ' || v || '","daily_limit":null}' END AS details
    FROM generate_series(1, vendors) v
    LEFT JOIN ledger.transactions p ON p.vendor_id = v AND p.seq = number - 1
    CROSS JOIN LATERAL (SELECT (number - 1) * vendors + v AS place, 1790000000000 + (number - 1) * vendors + v AS ms,
      CASE number WHEN 1 THEN 0 WHEN 2 THEN 100000000 ELSE 1000 + v END::bigint AS amount) k
  ) l $$;

CREATE FUNCTION bench.write_vendors(zone text) RETURNS void LANGUAGE sql AS $$
  INSERT INTO ledger.vendors (vendor_id, name, status, balance, business_day, charged_today, seq, head_hash, opened_at,
    updated_at)
  SELECT t.vendor_id, 'Vendor ' || t.vendor_id, 'active', t.balance_after, day.d, (
      SELECT coalesce(sum(amount), 0) FROM ledger.transactions c
      WHERE c.vendor_id = t.vendor_id AND c.type = 'charge' AND (c.created_at AT TIME ZONE zone)::date = day.d),
    t.seq, t.hash, t.created_at, t.created_at
  FROM ledger.transactions t CROSS JOIN LATERAL (SELECT (t.created_at AT TIME ZONE zone)::date AS d) day
  WHERE t.seq = (SELECT max(seq) FROM ledger.transactions)
  ON CONFLICT (vendor_id) DO UPDATE SET balance = excluded.balance, business_day = excluded.business_day,
    charged_today = excluded.charged_today, seq = excluded.seq, head_hash = excluded.head_hash,
    updated_at = excluded.updated_at $$;
`;

const ZONE = 'Asia/Tehran';

export interface Books {
  readonly vendors: number;
  /** Transactions of each vendor. */
  readonly linksEach: number;
  /** Whether the commands are in the log. */
  readonly withLog: boolean;
}

type Client = pg.Client;

export async function makeBooks(client: Client, books: Books): Promise<void> {
  await client.query('SET session_replication_role = replica');
  await client.query('SET synchronous_commit = off');
  await client.query(MAKE_BOOKS);
  await client.query("INSERT INTO ledger.settings VALUES ('lanes', '16'), ('business_timezone', $1)", [ZONE]);
  await client.query(
    'INSERT INTO ledger.lanes (lane, stream_epoch, cursor_seq) SELECT n, $1, $2 FROM generate_series(0, 15) n',
    books.withLog ? [1, books.vendors * books.linksEach] : [2, 0],
  );
  for (let number = 1; number <= books.linksEach; number++) {
    await client.query('SELECT bench.add_links($1, $2)', [books.vendors, number]);
  }
  await client.query('SELECT bench.write_vendors($1)', [ZONE]);
  await client.query(
    `INSERT INTO credits.requests (id, vendor_id, amount, status, requested_by, approvals_needed, business_day,
       decided_by, decided_at, transaction_id)
     OVERRIDING SYSTEM VALUE
     SELECT vendor_id, vendor_id, amount, 'posted', 'vendor', 1, created_at, 'admin', created_at, id
     FROM ledger.transactions WHERE type = 'credit'`,
  );
  await client.query("INSERT INTO credits.approvals SELECT id, 'admin', decided_at FROM credits.requests");
  await client.query('VACUUM ANALYZE');
  await client.query('CHECKPOINT');
}

/** One more sale for every vendor. */
export async function addSales(client: Client, books: Books): Promise<void> {
  await client.query('SELECT bench.add_links($1, $2)', [books.vendors, books.linksEach + 1]);
  await client.query('SELECT bench.write_vendors($1)', [ZONE]);
  if (books.withLog)
    await client.query('UPDATE ledger.lanes SET cursor_seq = cursor_seq + $1', [books.vendors]);
  await client.query('VACUUM ANALYZE ledger.transactions, ledger.vendors');
}
