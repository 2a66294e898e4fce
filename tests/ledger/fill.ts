import type pg from 'pg';
import { TEHRAN } from '../../services/ledger/simulator/given.ts';

/** The clock that `createLedgerDatabase` sets: rows dated by another clock lie outside of what the ledger looks for. */
const NOW = '(SELECT at FROM test_clock.now)';

/**
 * Fills the tables with a shop's history as the planner sees it: `rows` charges, one a second until now, by `vendors`
 * vendors in turn, beside `idle` vendors that sell nothing. The chains are not whole; the triggers are off.
 */
export async function fill(
  admin: pg.Client,
  { vendors, rows, idle }: { vendors: number; rows: number; idle: number },
): Promise<void> {
  await admin.query("SET session_replication_role = 'replica'");
  await admin.query('TRUNCATE ledger.transactions, ledger.vendors');
  await admin.query(
    `INSERT INTO ledger.transactions (vendor_id, seq, id, type, status, amount, balance_effect, held_effect,
       phone_number, phone_salt, phone_commitment, balance_before, balance_after, held_before, held_after,
       message_id, fingerprint, principal, source, reference, livemode, stream, stream_epoch, stream_seq, stream_index,
       business_day, created_at, previous_hash, hash)
     SELECT k.v, k.seq, i.id::uuid, 'charge', 'posted', 100, -100, 0, p.phone, p.salt,
       sha256(p.salt || p.phone::bytea), 1000000000 - 100 * k.seq, 1000000000 - 100 * (k.seq + 1), 0, 0,
       'key-' || n, decode(md5(n::text), 'hex'), 'system:gateway', 'gateway', 'order-' || n, true, 0, 1, 1 + n, 0,
       (t.at AT TIME ZONE $3)::date, t.at, sha256(n::text::bytea), sha256((n + 1)::text::bytea)
     FROM generate_series(0, $2 - 1) AS n
     CROSS JOIN LATERAL (SELECT ${NOW} - ($2 - n) * interval '1 s' AS at) t
     CROSS JOIN LATERAL (
       SELECT '+98912' || lpad((n % 10000000)::text, 7, '0') AS phone, decode(md5(n::text), 'hex') AS salt) p
     CROSS JOIN LATERAL (
       SELECT 1 + n % $1 AS v, 1 + n / $1 AS seq, lpad(to_hex((extract(epoch FROM t.at) * 1000)::bigint), 12, '0') AS ms) k
     CROSS JOIN LATERAL (
       SELECT left(k.ms, 8) || '-' || right(k.ms, 4) || '-8000-' || to_hex(32768 + (k.v >> 6)) || '-' ||
         lpad(to_hex((k.v & 63) << 10), 4, '0') || lpad(to_hex(k.seq), 8, '0') AS id) i`,
    [vendors, rows, TEHRAN],
  );
  // An autoanalyze during the insert counts none of its rows, and the join below becomes a nested loop over all of them.
  await admin.query('ANALYZE ledger.transactions');
  await admin.query(
    `INSERT INTO ledger.vendors (vendor_id, name, status, livemode, balance, held, business_day, charged_today, seq, head_hash, opened_at, updated_at)
     SELECT vendor_id, 'Vendor ' || vendor_id, 'active', true, balance_after, 0, day, charged, seq, hash, created_at, created_at
     FROM ledger.transactions t CROSS JOIN LATERAL (SELECT (${NOW} AT TIME ZONE $3)::date AS day) d
     JOIN (
       SELECT vendor_id, max(seq) AS seq,
         coalesce(sum(amount) FILTER (WHERE created_at >= date_trunc('day', ${NOW}, $3)), 0) AS charged
       FROM ledger.transactions GROUP BY vendor_id) head USING (vendor_id, seq)
     UNION ALL
     SELECT $1 + n, 'Idle', 'active', true, 0, 0, (${NOW} AT TIME ZONE $3)::date, 0, 1, sha256(n::text::bytea), ${NOW}, ${NOW}
     FROM generate_series(1, $2) n`,
    [vendors, idle, TEHRAN],
  );
  await admin.query("SET session_replication_role = 'origin'");
  await admin.query('VACUUM ANALYZE ledger.transactions, ledger.vendors');
}
