import type pg from 'pg';

export interface LaneReadings {
  readonly lanes: readonly { lane: number; cursor: number; epoch: number; leaseS: number }[];
  /** Up to 1,000. */
  readonly openDeadLetters: number;
}

/** The lanes and the dead letters as the database has them, for one scrape. */
export async function readLanes(pool: pg.Pool): Promise<LaneReadings> {
  const [lanes, dead] = await Promise.all([
    pool.query<{ lane: number; cursor_seq: string; epoch: string; lease_s: number }>(
      `SELECT lane, cursor_seq, epoch, CASE WHEN owner IS NULL THEN 0 ELSE
         greatest(0, extract(epoch FROM nullif(lease_until, '-infinity') - clock_timestamp()))::float8 END AS lease_s
       FROM ledger.lanes ORDER BY lane`,
    ),
    pool.query<{ open: number }>(
      `SELECT count(*)::int AS open FROM
         (SELECT FROM ledger.dead_letters WHERE resubmitted_as IS NULL LIMIT 1000) AS letters`,
    ),
  ]);
  return {
    lanes: lanes.rows.map((row) => ({
      lane: row.lane,
      cursor: Number(row.cursor_seq),
      epoch: Number(row.epoch),
      leaseS: row.lease_s ?? 0,
    })),
    openDeadLetters: dead.rows[0]!.open,
  };
}
