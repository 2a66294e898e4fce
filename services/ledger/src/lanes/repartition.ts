import type pg from 'pg';
import type { Cursor, PublishedMark } from '../process/ports.ts';
import { findOwners } from './obstacles.ts';
import { type LedgerState, readLedgerState } from './read-lanes.ts';

/** The lanes after the change: all alike, for everything in the log is decided. */
export interface Partition {
  readonly from: number;
  readonly to: number;
  /** Above every epoch so far: no process of the old lanes can move one of the new. */
  readonly epoch: number;
  readonly streamEpoch: number;
  /** The log's last message. */
  readonly cursor: Cursor;
  /** From here on events are published; null if all are out. */
  readonly unpublished: PublishedMark | null;
}

export class ChangedMeanwhileError extends Error {
  override name = 'ChangedMeanwhileError';
}

export function planPartition(
  { lanes, storedLanes }: LedgerState,
  { to, end, unpublished }: { to: number; end: Cursor; unpublished: PublishedMark | null },
): Partition {
  return {
    from: storedLanes,
    to,
    epoch: Math.max(0, ...lanes.map(({ epoch }) => epoch)) + 1,
    streamEpoch: Math.max(1, ...lanes.map(({ streamEpoch }) => streamEpoch)),
    cursor: end,
    unpublished,
  };
}

/**
 * Puts the new lanes in the place of the old ones, in one transaction. Throws ChangedMeanwhileError if a ledger or a
 * publisher has come in between: `lastSeq` is asked once more when nobody else can touch the lanes any more.
 */
export async function repartition(
  pool: pg.Pool,
  partition: Partition,
  before: LedgerState,
  lastSeq: () => Promise<number>,
): Promise<void> {
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    await client.query(
      'LOCK TABLE ledger.settings, ledger.lanes, ledger.processes IN SHARE ROW EXCLUSIVE MODE',
    );
    await verify(await readLedgerState(client), before);
    await replaceLanes(client, partition);
    const end = await lastSeq();
    if (end !== partition.cursor.seq)
      throw new ChangedMeanwhileError(
        `somebody publishes commands: the log ends at ${end} now. Stop every gateway`,
      );
    await client.query('COMMIT');
  } catch (error) {
    await client.query('ROLLBACK').catch(() => {});
    throw error;
  } finally {
    client.release();
  }
}

async function verify(now: LedgerState, before: LedgerState): Promise<void> {
  const [obstacle] = findOwners(now);
  if (obstacle) throw new ChangedMeanwhileError(obstacle);
  const seen = (state: LedgerState) =>
    JSON.stringify([
      state.storedLanes,
      state.lanes.map(({ lane, epoch, cursor }) => [lane, epoch, cursor.seq]),
    ]);
  if (seen(now) !== seen(before)) throw new ChangedMeanwhileError('a ledger has run in between: begin again');
}

async function replaceLanes(client: pg.ClientBase, partition: Partition): Promise<void> {
  const { from, to, epoch, streamEpoch, cursor, unpublished } = partition;
  await client.query('DELETE FROM ledger.lanes');
  await client.query(
    `INSERT INTO ledger.lanes (lane, epoch, stream_epoch, cursor_seq, cursor_message_id, cursor_time_ms,
       published_epoch, published_seq, published_at)
     SELECT lane, $2, $3, $4, $5, $6, $7, $8, coalesce($9::timestamptz, clock_timestamp())
     FROM generate_series(0, $1::int - 1) AS lane`,
    [
      ...[to, epoch, streamEpoch, cursor.seq, cursor.messageId, cursor.timeMs],
      ...(unpublished
        ? [unpublished.streamEpoch, unpublished.streamSeq - 1, new Date(unpublished.atMs!).toISOString()]
        : [streamEpoch, cursor.seq, null]),
    ],
  );
  await client.query("UPDATE ledger.settings SET value = $1 WHERE name = 'lanes'", [String(to)]);
  // What stands in the log up to here stands on the lanes of before; whoever reads it must know.
  await client.query(
    `INSERT INTO ledger.settings AS s (name, value)
     VALUES ('repartitions', jsonb_build_array($1::jsonb)::text)
     ON CONFLICT (name) DO UPDATE SET value = (s.value::jsonb || $1::jsonb)::text`,
    [
      JSON.stringify({
        at: new Date().toISOString(),
        from,
        to,
        stream_epoch: streamEpoch,
        up_to_seq: cursor.seq,
      }),
    ],
  );
}
