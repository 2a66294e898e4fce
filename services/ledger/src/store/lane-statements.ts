import type { Statement } from './writer.ts';

const TITLE = `l.lane, l.epoch, l.stream_epoch, l.cursor_seq, l.cursor_message_id, l.cursor_time_ms,
  l.published_epoch, l.published_seq, (extract(epoch FROM nullif(l.published_at, '-infinity')) * 1000)::bigint AS published_at_ms`;

/**
 * The fence: matches only rows of the epoch under which the batch was read, whose cursor stands where this process put it
 * last. Another owner raises the epoch; a database that went back behind a connection that stayed (a pooler's) may have the
 * same one, but not the same cursor (docs/adr/0015). Tells the time at which it had locked each of them: what is decided at
 * the latest of these times cannot be committed before it.
 */
export const MOVE_CURSORS: Statement = {
  name: 'lanes-move-cursors',
  text: `UPDATE ledger.lanes l SET cursor_seq = m.seq, cursor_message_id = m.message_id, cursor_time_ms = m.time_ms,
      lease_until = clock_timestamp() + $6::int * interval '1 ms'
    FROM unnest($1::int[], $2::bigint[], $3::bigint[], $4::text[], $5::bigint[], $7::bigint[])
      AS m (lane, epoch, seq, message_id, time_ms, stored_seq)
    WHERE l.lane = m.lane AND l.epoch = m.epoch AND l.cursor_seq = m.stored_seq AND l.owner = $8
    RETURNING (extract(epoch FROM clock_timestamp()) * 1000)::bigint AS now_ms`,
};

/** Of a process that slept through a change of their number: it takes no lane, and no share of them. */
const SAME_NUMBER = (parameter: string) =>
  `(SELECT value FROM ledger.settings WHERE name = 'lanes') = ${parameter}::text`;

export const HEARTBEAT: Statement = {
  name: 'lanes-heartbeat',
  text: `INSERT INTO ledger.processes (process_id, lease_until)
    SELECT $1, clock_timestamp() + $2::int * interval '1 ms' WHERE ${SAME_NUMBER('$3')}
    ON CONFLICT (process_id) DO UPDATE SET lease_until = excluded.lease_until`,
};

export const LIVING: Statement = {
  name: 'lanes-living',
  text: 'SELECT count(*)::int AS processes FROM ledger.processes WHERE lease_until > clock_timestamp()',
};

const STATES = `unnest($1::int[], $2::bigint[], $3::bigint[], $4::text[], $5::bigint[], $6::int[], $7::bigint[],
      $8::timestamptz[], $9::bigint[])
      AS s (lane, fence, seq, message_id, time_ms, published_epoch, published_seq, published_at, stored_seq)`;

const HELD = 'l.lane = s.lane AND l.epoch = s.fence AND l.cursor_seq = s.stored_seq AND l.owner = $10';

const TAKE_STATE = `cursor_seq = s.seq, cursor_message_id = s.message_id, cursor_time_ms = s.time_ms,
      published_epoch = s.published_epoch, published_seq = s.published_seq,
      published_at = CASE s.published_at WHEN 'infinity' THEN clock_timestamp()
        ELSE coalesce(s.published_at, l.published_at) END`;

export const RENEW: Statement = {
  name: 'lanes-renew',
  text: `UPDATE ledger.lanes l SET lease_until = clock_timestamp() + $11::int * interval '1 ms', ${TAKE_STATE}
    FROM ${STATES}
    WHERE ${HELD}
    RETURNING l.lane`,
};

/** Rows that a batch holds at this moment are passed over: their owner lives. */
export const CLAIM: Statement = {
  name: 'lanes-claim',
  text: `UPDATE ledger.lanes l SET epoch = l.epoch + 1, owner = $1,
      lease_until = clock_timestamp() + $2::int * interval '1 ms'
    WHERE ${SAME_NUMBER('$5')} AND l.lane IN (
      SELECT lane FROM ledger.lanes
      WHERE (owner IS NULL OR lease_until < clock_timestamp() OR owner = $1) AND lane <> ALL ($4::int[])
      ORDER BY lane LIMIT $3 FOR UPDATE SKIP LOCKED)
    RETURNING ${TITLE}`,
};

export const RELEASE: Statement = {
  name: 'lanes-release',
  text: `UPDATE ledger.lanes l SET epoch = l.epoch + 1, owner = NULL, lease_until = '-infinity', ${TAKE_STATE}
    FROM ${STATES}
    WHERE ${HELD}`,
};

export const LEAVE: Statement = {
  name: 'lanes-leave',
  text: "DELETE FROM ledger.processes WHERE process_id = $1 OR lease_until < clock_timestamp() - interval '1 hour'",
};

/** With the log the events may be gone: everything decided since $5 (ms) is to be published again. */
export const RAISE_STREAM_EPOCH: Statement = {
  name: 'lanes-raise-stream-epoch',
  text: `UPDATE ledger.lanes l SET stream_epoch = l.stream_epoch + 1, cursor_seq = 0, cursor_message_id = NULL,
      cursor_time_ms = NULL, published_epoch = 1, published_seq = 0,
      published_at = least(l.published_at, to_timestamp($5::float8 / 1000))
    WHERE l.lane = $1 AND l.epoch = $2 AND l.cursor_seq = $3 AND l.owner = $4
    RETURNING ${TITLE}`,
};
