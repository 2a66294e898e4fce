import type pg from 'pg';
import type { Reader } from '../audit/snapshot.ts';
import type { Head } from '../domain/books.ts';
import { headLeaf } from '../domain/checkpoint-statement.ts';
import { MerkleRoot } from '../domain/merkle.ts';

const COLUMNS = `vendor_id, seq, balance, held, encode(hash, 'hex') AS hash, charged_day::text, charged, added_all,
  taken_all, status, daily_limit, salt`;
const PAGE = 5_000;

export interface HeadsDigest {
  readonly root: string;
  readonly vendors: number;
  readonly transactions: bigint;
  readonly balance: bigint;
}

type HeadRow = Parameters<typeof headLeaf>[0];

/** The Merkle root over every vendor's newest head, page by page. */
export const digestNewest = (reader: Reader): Promise<HeadsDigest> =>
  digest((after) =>
    reader.query<HeadRow>(
      `SELECT DISTINCT ON (vendor_id) ${COLUMNS} FROM reconciler.heads WHERE vendor_id > $1
       ORDER BY vendor_id, checkpoint_id DESC LIMIT ${PAGE}`,
      [after],
    ),
  );

/** The Merkle root over the heads that one checkpoint added. */
export const digestOf = (reader: Reader, checkpointId: number): Promise<HeadsDigest> =>
  digest((after) =>
    reader.query<HeadRow>(
      `SELECT ${COLUMNS} FROM reconciler.heads WHERE checkpoint_id = $2 AND vendor_id > $1
       ORDER BY vendor_id LIMIT ${PAGE}`,
      [after, checkpointId],
    ),
  );

async function digest(page: (after: number) => Promise<HeadRow[]>): Promise<HeadsDigest> {
  const tree = new MerkleRoot();
  let vendors = 0;
  let transactions = 0n;
  let balance = 0n;
  for (let after = 0; ; ) {
    const rows = await page(after);
    for (const row of rows) {
      tree.add(headLeaf(row));
      vendors++;
      transactions += BigInt(row.seq);
      balance += BigInt(row.balance);
    }
    if (rows.length < PAGE) break;
    after = rows.at(-1)!.vendor_id;
  }
  return { root: tree.digest(), vendors, transactions, balance };
}

/** Forgets what a run has staged: it begins again. */
export async function unstageHeads(pool: pg.Pool, runId: number): Promise<void> {
  await pool.query('DELETE FROM reconciler.staged_heads WHERE run_id = $1', [runId]);
}

/** Keeps the heads of a run that is still going. */
export async function stageHeads(
  pool: pg.Pool,
  runId: number,
  heads: readonly { vendorId: number; head: Head }[],
): Promise<void> {
  if (heads.length === 0) return;
  await pool.query(
    `INSERT INTO reconciler.staged_heads
     SELECT $1, n.vendor_id, n.seq, n.balance, n.held, decode(n.hash, 'hex'), n.charged_day, n.charged, n.added_all,
       n.taken_all, n.status, n.daily_limit
     FROM unnest($2::int[], $3::bigint[], $4::bigint[], $5::bigint[], $6::text[], $7::date[], $8::bigint[],
       $9::numeric[], $10::numeric[], $11::text[], $12::bigint[])
       AS n (vendor_id, seq, balance, held, hash, charged_day, charged, added_all, taken_all, status, daily_limit)`,
    [
      runId,
      heads.map(({ vendorId }) => vendorId),
      heads.map(({ head }) => head.seq),
      heads.map(({ head }) => head.balance),
      heads.map(({ head }) => head.held),
      heads.map(({ head }) => head.hash),
      heads.map(({ head }) => head.chargedDay),
      heads.map(({ head }) => head.charged),
      heads.map(({ head }) => head.added),
      heads.map(({ head }) => head.taken),
      heads.map(({ head }) => head.status),
      heads.map(({ head }) => head.dailyLimit),
    ],
  );
}
