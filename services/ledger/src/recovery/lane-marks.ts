import type pg from 'pg';

/**
 * What a lane's owner writes into its row when it has compared: its epoch, and above 32 bits the database's timeline. A
 * promoted replica has its primary's rows, with leases that still run, and yet not all that was announced.
 */
export const COMPARED = `epoch + (('x' || left(pg_walfile_name(pg_current_wal_insert_lsn()), 8))::bit(32)::bigint << 32)`;

/** A lane's row, as far as it tells whether the database went back. */
export interface LaneMark {
  readonly lane: number;
  readonly streamEpoch: number;
  readonly cursorSeq: number;
  /** When the log stored the command at the cursor; 0 if the row does not say. */
  readonly cursorTimeMs: number;
  /** Up to here commands may have been decided before the database went back; 0 if it did not. */
  readonly replayUntil: number;
  readonly aliveMs: number;
  /** Time of the last transaction that the row knows to be announced. */
  readonly publishedAtMs: number;
}

interface Row {
  lane: number;
  stream_epoch: number;
  cursor_seq: string;
  cursor_time_ms: string | null;
  replay_until: string;
  replay_alive_ms: string | null;
  published_at_ms: string | null;
}

/** What the lanes' rows say of a database that went back. */
export interface LaneMarks {
  read(): Promise<LaneMark[]>;
  /** The database went back: of these lanes all up to `untilSeq` may have been decided before. */
  replay(lanes: readonly number[], lost: { untilSeq: number; aliveMs: number }): Promise<void>;
  /** From now on these owners may be believed when they say what was never executed. */
  compared(titles: readonly { readonly lane: number; readonly epoch: number }[]): Promise<void>;
}

export const createLaneMarks = (pool: pg.Pool): LaneMarks => ({
  read: () => readMarks(pool),
  replay: async (lanes, { untilSeq, aliveMs }) =>
    void (await pool.query(
      'UPDATE ledger.lanes SET replay_until = $2, replay_alive_ms = $3 WHERE lane = ANY ($1) AND replay_until < $2',
      [lanes, untilSeq, aliveMs],
    )),
  compared: async (titles) =>
    void (await pool.query(
      `UPDATE ledger.lanes l SET compared_epoch = l.${COMPARED}
       FROM unnest($1::int[], $2::bigint[]) AS t (lane, epoch) WHERE l.lane = t.lane AND l.epoch = t.epoch`,
      [titles.map(({ lane }) => lane), titles.map(({ epoch }) => epoch)],
    )),
});

async function readMarks(pool: pg.Pool): Promise<LaneMark[]> {
  const { rows } = await pool.query<Row>(
    `SELECT lane, stream_epoch, cursor_seq, cursor_time_ms, replay_until, replay_alive_ms,
       (extract(epoch FROM nullif(published_at, '-infinity')) * 1000)::bigint AS published_at_ms
     FROM ledger.lanes ORDER BY lane`,
  );
  return rows.map((row) => ({
    lane: row.lane,
    streamEpoch: row.stream_epoch,
    cursorSeq: Number(row.cursor_seq),
    cursorTimeMs: Number(row.cursor_time_ms ?? 0),
    replayUntil: Number(row.replay_until),
    aliveMs: Number(row.replay_alive_ms ?? 0),
    publishedAtMs: Number(row.published_at_ms ?? 0),
  }));
}
