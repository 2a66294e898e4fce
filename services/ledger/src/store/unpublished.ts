import { laneOf } from '@b2b-charge/contracts';
import type pg from 'pg';
import type { Transaction } from '../domain/transaction.ts';
import type { LaneTitle } from '../process/ports.ts';
import { TRANSACTION_COLUMNS, type TransactionRow, toTransaction } from './rows.ts';

export interface UnpublishedReader {
  /** A lane's transactions after its published mark and up to its cursor. */
  read(title: LaneTitle): AsyncIterable<Transaction>;
}

const PAGE = 1_000;
/** Clocks of earlier owners may have differed; rows of this much around the span are looked at, too. */
const SLACK_MS = 60_000;
const FIRST_WINDOW_MS = 5 * 60_000;
const SHORTEST_WINDOW_MS = 250;
const LONGEST_WINDOW_MS = 24 * 3_600_000;

/**
 * Found by time (a BRIN index), since the table has no index by position in the log: that would slow every charge. The sum
 * keeps a vendor's whole chain from being read by its key instead.
 */
export const UNPUBLISHED = `SELECT ${TRANSACTION_COLUMNS} FROM ledger.transactions t
  WHERE t.created_at >= to_timestamp($1::float8 / 1000) AND t.created_at < to_timestamp($2::float8 / 1000)
    AND (t.stream_epoch, t.stream_seq) > ($3, $4) AND (t.stream_epoch, t.stream_seq) <= ($5, $6)
    AND t.vendor_id + 0 = ANY ($7::int[])
  ORDER BY t.stream_epoch, t.stream_seq LIMIT ${PAGE}`;

/**
 * Reads window after window of time. One that holds more than a page is cut: each page of it would be sorted out of the
 * whole of it, and after a loss of the stream there may be days to read.
 */
export function createUnpublishedReader(pool: pg.Pool, lanes: number): UnpublishedReader {
  return {
    async *read({ lane, published, cursor, streamEpoch }) {
      const { streamEpoch: epoch, streamSeq: seq } = published;
      // Everything up to the cursor is decided; a lane that was rolled back has nothing in its new epoch yet.
      if (epoch > streamEpoch || (epoch === streamEpoch && seq >= cursor.seq)) return;
      const vendors = await vendorsOf(pool, lane, lanes);
      if (vendors.length === 0) return;
      const toMs = (await tell(pool, 'clock_timestamp()')) + SLACK_MS;
      let from = (published.atMs ?? (await tell(pool, OLDEST))) - SLACK_MS;
      let after = [epoch, seq];
      for (let width = FIRST_WINDOW_MS; from < toMs; ) {
        const to = from + width;
        const values = [from, to, ...after, streamEpoch, cursor.seq, vendors];
        const { rows } = await pool.query<TransactionRow>(UNPUBLISHED, values);
        if (rows.length === PAGE && width > SHORTEST_WINDOW_MS) {
          width = Math.max(SHORTEST_WINDOW_MS, width / 4);
          continue;
        }
        yield* rows.map(toTransaction);
        const last = rows.at(-1);
        if (last && rows.length === PAGE) {
          after = [last.stream_epoch, Number(last.stream_seq)];
          continue;
        }
        after = [epoch, seq];
        from = to;
        if (rows.length < PAGE / 4) width = Math.min(LONGEST_WINDOW_MS, width * 2);
      }
    },
  };
}

async function vendorsOf(pool: pg.Pool, lane: number, lanes: number): Promise<number[]> {
  const { rows } = await pool.query<{ vendor_id: number }>(
    'SELECT vendor_id FROM ledger.vendors ORDER BY vendor_id',
  );
  return rows.map(({ vendor_id }) => vendor_id).filter((id) => laneOf(id, lanes) === lane);
}

/** No transaction is older than the first vendor. */
const OLDEST = '(SELECT min(opened_at) FROM ledger.vendors)';

/** A time that the database tells, ms. */
async function tell(pool: pg.Pool, time: string): Promise<number> {
  const { rows } = await pool.query<{ ms: number }>(
    `SELECT (extract(epoch FROM ${time}) * 1000)::float8 AS ms`,
  );
  return rows[0]!.ms;
}
