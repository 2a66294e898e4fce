import { setTimeout as sleep } from 'node:timers/promises';
import type { Queryable } from './database.ts';

/** A place in a primary's write-ahead log. After a fail-over another timeline begins, on which places are other places. */
export interface WalPoint {
  readonly lsn: string;
  readonly timeline: number;
}

/** Whether a replica has a point: `lagging` not yet, `promoted` and `other-timeline` never. */
export type Standing = 'replayed' | 'lagging' | 'promoted' | 'other-timeline';

const LOOK_EVERY_MS = 2;

/** How far the primary's log is on its disk: every commit that anybody was told of lies before. */
export async function walPoint(primary: Queryable): Promise<WalPoint> {
  const { rows } = await primary.query<WalPoint>({
    name: 'wal-point',
    text: `SELECT lsn::text, ('x' || left(pg_walfile_name(lsn), 8))::bit(32)::int AS timeline
      FROM pg_current_wal_flush_lsn() AS lsn`,
  });
  return rows[0]!;
}

/**
 * Whether the replica has replayed its log up to a point, waiting for that for up to `waitMs`. Only what is read
 * afterwards, over the same connection, has all that lies before the point: a snapshot is older than what its own
 * statement calls.
 */
export async function standingOf(replica: Queryable, point: WalPoint, waitMs: number): Promise<Standing> {
  for (const endAt = performance.now() + waitMs; ; await sleep(LOOK_EVERY_MS)) {
    const standing = await look(replica, point);
    if (standing !== 'lagging' || performance.now() >= endAt) return standing;
  }
}

/** The timeline is that of the last restart point, if not of later pages: behind for some minutes after a fail-over. */
async function look(replica: Queryable, { lsn, timeline }: WalPoint): Promise<Standing> {
  const { rows } = await replica.query<{ standby: boolean; replayed: boolean; timeline: number }>({
    name: 'replica-standing',
    text: `SELECT pg_is_in_recovery() AS standby, coalesce(pg_last_wal_replay_lsn() >= $1::pg_lsn, false) AS replayed,
        greatest(min_recovery_end_timeline, (SELECT timeline_id FROM pg_control_checkpoint())) AS timeline
      FROM pg_control_recovery()`,
    values: [lsn],
  });
  const [row] = rows;
  if (!row?.standby) return 'promoted';
  if (row.timeline !== timeline) return 'other-timeline';
  return row.replayed ? 'replayed' : 'lagging';
}

/** Bytes of the primary's log that the replica has not replayed. */
export async function replicaLag(primary: Queryable, replica: Queryable): Promise<number> {
  const { lsn } = await walPoint(primary);
  const { rows } = await replica.query<{ bytes: string }>(
    'SELECT greatest(0, pg_wal_lsn_diff($1::pg_lsn, pg_last_wal_replay_lsn())) AS bytes',
    [lsn],
  );
  return Number(rows[0]!.bytes);
}
