import type { CallResponse } from '@b2b-charge/contracts';
import type pg from 'pg';

/** Who owns what, and how far each lane is. */
export async function listLanes(pool: pg.Pool): Promise<CallResponse<'ledger.query.lanes'>> {
  const { rows } = await pool.query<
    Record<string, string> & { lane: number; owner: string | null; stream_epoch: number }
  >(
    `SELECT lane, owner, epoch, stream_epoch, cursor_seq, published_seq,
       greatest(0, extract(epoch FROM nullif(lease_until, '-infinity') - clock_timestamp()) * 1000)::int AS lease_ms
     FROM ledger.lanes ORDER BY lane`,
  );
  return {
    lanes: rows.map((row) => ({
      lane: row.lane,
      owner: row.owner,
      epoch: Number(row.epoch),
      stream_epoch: row.stream_epoch,
      cursor_seq: Number(row.cursor_seq),
      published_seq: Number(row.published_seq),
      lease_ms: Number(row.lease_ms ?? 0),
    })),
  };
}
