import type pg from 'pg';

/** Events are not announced again beyond this: webhooks that were sent are remembered for a week. */
export const AGAIN_MS = 6 * 24 * 3_600_000;

export interface Wanted {
  readonly sinceMs: number;
  /** Of these only what this process owns; all lanes unless given. */
  readonly held?: { readonly owner: string; readonly lanes: readonly number[] };
}

/**
 * Everything decided since then is to be published again. The lanes are taken from their owners, one by one: whoever takes
 * one next finds its mark moved back, and a batch under way ends first. Returns the lanes.
 */
export async function announceAgain(pool: pg.Pool, { sinceMs, held }: Wanted): Promise<number[]> {
  const { rows } = await pool.query<{ lane: number }>('SELECT lane FROM ledger.lanes ORDER BY lane');
  const moved: number[] = [];
  for (const { lane } of rows) {
    if (held && !held.lanes.includes(lane)) continue;
    const { rowCount } = await pool.query(
      `UPDATE ledger.lanes SET epoch = epoch + 1, owner = NULL, lease_until = '-infinity', published_epoch = 1,
         published_seq = 0, published_at = least(published_at, to_timestamp($2::float8 / 1000))
       WHERE lane = $1 AND ($3::text IS NULL OR owner = $3)`,
      [lane, sinceMs, held?.owner ?? null],
    );
    if (rowCount === 1) moved.push(lane);
  }
  return moved;
}

/** Transactions decided since an instant. */
export async function countSince(pool: pg.Pool, sinceMs: number): Promise<number> {
  const { rows } = await pool.query<{ count: number }>(
    'SELECT count(*)::int AS count FROM ledger.transactions WHERE created_at >= to_timestamp($1::float8 / 1000)',
    [sinceMs],
  );
  return rows[0]!.count;
}
