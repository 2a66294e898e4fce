import type pg from 'pg';

/**
 * Fills the tables with a shop's history as the planner sees it: `rows` charges, one a second, by `vendors` vendors in
 * turn. The chains are not whole; the guards are off.
 */
export async function fill(admin: pg.Client, { vendors, rows }: { vendors: number; rows: number }, analyze = true): Promise<void> {
  await admin.query("SET session_replication_role = 'replica'");
  if (analyze) await admin.query('TRUNCATE ledger.transactions, ledger.vendors');
  await admin.query(
    `INSERT INTO ledger.transactions (vendor_id, seq, id, type, status, amount, phone_number, balance_before, balance_after,
       message_id, fingerprint, source, stream_epoch, stream_seq, created_at, previous_hash, hash)
     SELECT 1 + n % $1, 1 + n / $1, i.id::uuid, 'charge', 'approved', 100, '+98912' || lpad((n % 10000000)::text, 7, '0'),
       1000000000 - 100 * (n / $1), 1000000000 - 100 * (n / $1 + 1), 'key-' || n, decode(md5(n::text), 'hex'), 'gateway',
       1, 1 + n, t.at, sha256(n::text::bytea), sha256((n + 1)::text::bytea)
     FROM generate_series(0, $2 - 1) AS n
     CROSS JOIN LATERAL (SELECT '2026-11-23T00:00:00Z'::timestamptz + n * interval '1 s' AS at) t
     CROSS JOIN LATERAL (
       SELECT 1 + n % $1 AS v, 1 + n / $1 AS seq, lpad(to_hex((extract(epoch FROM t.at) * 1000)::bigint), 12, '0') AS ms) k
     CROSS JOIN LATERAL (
       SELECT left(k.ms, 8) || '-' || right(k.ms, 4) || '-8000-' || to_hex(32768 + (k.v >> 6)) || '-' ||
         lpad(to_hex((k.v & 63) << 10), 4, '0') || lpad(to_hex(k.seq), 8, '0') AS id) i`,
    [vendors, rows],
  );
  await admin.query(
    `INSERT INTO ledger.vendors (vendor_id, name, status, balance, business_day, charged_today, seq, head_hash, opened_at, updated_at)
     SELECT vendor_id, 'Vendor ' || vendor_id, 'active', balance_after, '2026-11-23', 0, seq, hash, created_at, created_at
     FROM ledger.transactions t WHERE seq = (SELECT max(seq) FROM ledger.transactions m WHERE m.vendor_id = t.vendor_id)`,
  );
  await admin.query("SET session_replication_role = 'origin'");
  if (analyze) await admin.query('VACUUM ANALYZE ledger.transactions, ledger.vendors');
}
