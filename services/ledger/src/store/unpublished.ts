import { laneOf } from '@b2b-charge/contracts';
import type pg from 'pg';
import type { Transaction } from '../domain/transaction.ts';
import type { LaneTitle } from '../process/ports.ts';
import { outcomeOfTransaction } from '../publish/outcome-of.ts';
import { TRANSACTION_COLUMNS, type TransactionRow, toTransaction } from './rows.ts';

export interface UnpublishedReader {
  /** A lane's transactions after its published mark and up to its cursor, with their event's payload. */
  read(title: LaneTitle): AsyncIterable<{ transaction: Transaction; payload: Uint8Array }>;
}

const PAGE = 1_000;
/** Clocks of earlier owners may have differed; rows of this much before the mark are looked at, too. */
const SLACK_MS = 60_000;

/** Found by time (a BRIN index), since the table has no index by position in the log: that would slow every charge. */
export const UNPUBLISHED = `SELECT ${TRANSACTION_COLUMNS} FROM ledger.transactions t
  WHERE t.created_at >= $1::timestamptz AND (t.stream_epoch, t.stream_seq) > ($2, $3)
  ORDER BY t.stream_epoch, t.stream_seq LIMIT ${PAGE}`;

export function createUnpublishedReader(pool: pg.Pool, lanes: number): UnpublishedReader {
  return {
    async *read({ lane, published, cursor, streamEpoch }) {
      const since = published.atMs === null ? '-infinity' : new Date(published.atMs - SLACK_MS).toISOString();
      let { streamEpoch: epoch, streamSeq: seq } = published;
      // Everything up to the cursor is decided; a lane that was rolled back has nothing in its new epoch yet.
      while (epoch < streamEpoch || seq < cursor.seq) {
        const { rows } = await pool.query<TransactionRow>(UNPUBLISHED, [since, epoch, seq]);
        for (const row of rows) {
          if (laneOf(row.vendor_id, lanes) !== lane) continue;
          const transaction = toTransaction(row);
          if (transaction.streamEpoch === streamEpoch && transaction.streamSeq > cursor.seq) return;
          yield {
            transaction,
            payload: Buffer.from(JSON.stringify(outcomeOfTransaction(transaction, false))),
          };
        }
        const last = rows.at(-1);
        if (rows.length < PAGE || !last) return;
        epoch = last.stream_epoch;
        seq = Number(last.stream_seq);
      }
    },
  };
}
