import type pg from 'pg';
import { BUILDING, PartitionError } from './state.ts';

/**
 * Notes how far each vendor's chain is in the parts without a hole: what lies beyond is copied when the ledger stands
 * still. A row that took a freed place on a page already copied makes such a hole; it costs a longer standstill only.
 */
export async function noteWhole(db: pg.ClientBase): Promise<void> {
  await db.query('DROP TABLE IF EXISTS pg_temp.whole');
  await db.query(`CREATE TEMP TABLE whole AS
    SELECT vendor_id, coalesce(max(seq) FILTER (WHERE seq = number), 0)::bigint AS seq FROM (
      SELECT vendor_id, seq, row_number() OVER (PARTITION BY vendor_id ORDER BY seq) AS number
      FROM ${BUILDING}.transactions) numbered
    GROUP BY vendor_id`);
  await db.query('ALTER TABLE pg_temp.whole ADD PRIMARY KEY (vendor_id)');
  await db.query('ANALYZE pg_temp.whole');
}

/** Steps from vendor to vendor over the primary key; a DISTINCT would read every row. */
const HEADS = `CREATE TEMP TABLE heads ON COMMIT DROP AS
  WITH RECURSIVE ids AS (
    (SELECT vendor_id FROM ledger.transactions ORDER BY vendor_id LIMIT 1)
    UNION ALL
    SELECT (SELECT t.vendor_id FROM ledger.transactions t WHERE t.vendor_id > ids.vendor_id
      ORDER BY t.vendor_id LIMIT 1) FROM ids WHERE ids.vendor_id IS NOT NULL)
  SELECT ids.vendor_id, h.seq, h.hash, coalesce(w.seq, 0) AS whole
  FROM ids CROSS JOIN LATERAL (SELECT seq, hash FROM ledger.transactions t WHERE t.vendor_id = ids.vendor_id
    ORDER BY seq DESC LIMIT 1) h
  LEFT JOIN pg_temp.whole w ON w.vendor_id = ids.vendor_id`;

const TAIL = `INSERT INTO ${BUILDING}.transactions
  SELECT t.* FROM pg_temp.heads h JOIN ledger.transactions t ON t.vendor_id = h.vendor_id AND t.seq > h.whole
  WHERE h.seq > h.whole ON CONFLICT DO NOTHING`;

/** Beyond what was whole, as many rows as places; at the end of each chain, the same link. */
const BROKEN = `SELECT h.vendor_id, h.seq FROM pg_temp.heads h
  LEFT JOIN LATERAL (SELECT count(*) AS rows FROM ${BUILDING}.transactions t
    WHERE t.vendor_id = h.vendor_id AND t.seq > h.whole AND t.seq <= h.seq) tail ON h.seq > h.whole
  LEFT JOIN ${BUILDING}.transactions n ON n.vendor_id = h.vendor_id AND n.seq = h.seq
  WHERE coalesce(tail.rows, 0) <> h.seq - h.whole OR n.hash IS DISTINCT FROM h.hash ORDER BY h.vendor_id LIMIT 5`;

export interface Copied {
  readonly tail: number;
  readonly vendors: number;
  readonly rows: number;
}

/**
 * Copies what is missing, holds every chain against the one table's, and notes how far it is whole now. While the ledger
 * writes this brings the parts near it; in the standstill it completes them. Throws PartitionError.
 */
export async function copyTail(db: pg.ClientBase): Promise<Copied> {
  await db.query(HEADS);
  await db.query('ANALYZE pg_temp.heads');
  const tail = (await db.query(TAIL)).rowCount ?? 0;
  const { rows: broken } = await db.query<{ vendor_id: number; seq: string }>(BROKEN);
  if (broken.length > 0) {
    const named = broken.map(({ vendor_id, seq }) => `vendor ${vendor_id} up to ${seq}`).join(', ');
    throw new PartitionError(
      `the parts do not hold every transaction of ${named}: npm run reconcile -- --full`,
    );
  }
  await db.query(`INSERT INTO pg_temp.whole SELECT vendor_id, seq FROM pg_temp.heads
    ON CONFLICT (vendor_id) DO UPDATE SET seq = excluded.seq`);
  const { rows } = await db.query<{ vendors: string; rows: string }>(
    'SELECT count(*) AS vendors, coalesce(sum(seq), 0) AS rows FROM pg_temp.heads',
  );
  return { tail, vendors: Number(rows[0]!.vendors), rows: Number(rows[0]!.rows) };
}
