import type pg from 'pg';
import type { DrillResult } from './drill.ts';

/** By transaction id. */
export async function transactionHashes(db: Pick<pg.Pool, 'query'>): Promise<Map<string, string>> {
  const { rows } = await db.query<{ id: string; hash: string }>(
    "SELECT id, encode(hash, 'hex') AS hash FROM ledger.transactions",
  );
  return new Map(rows.map(({ id, hash }) => [id, hash]));
}

/** What stood in the books must stand there again, to the bit: a receipt names the hash, and a checkpoint builds on it. */
export function asBefore(
  before: ReadonlyMap<string, string>,
  after: ReadonlyMap<string, string>,
  result: DrillResult,
): DrillResult {
  const changed = [...before].filter(([id, hash]) => after.get(id) !== hash).map(([id]) => id);
  if (changed.length === 0) return result;
  return {
    ...result,
    lost: result.lost + changed.length,
    findings: [...result.findings, `not as before: ${changed}`],
  };
}
