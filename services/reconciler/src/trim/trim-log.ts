import type { Subjects } from '@b2b-charge/contracts';
import { jetStreamOptions } from '@b2b-charge/runtime';
import { jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import type pg from 'pg';

export interface TrimOptions {
  readonly pool: pg.Pool;
  readonly nc: NatsConnection;
  readonly subjects: Subjects;
  readonly retentionMs: number;
  /** Messages purged at once. */
  readonly step: number;
  readonly now?: () => number;
}

export interface Trimmed {
  readonly purged: number;
  /** Why nothing, or no more, was purged. */
  readonly reason: string;
}

/** Steps of one trim; what remains is for the next. */
const MAX_STEPS = 200;

/**
 * Purges from the command log what was audited and is older than the retention, from the front, in small steps. Refuses
 * as long as the last audit left anything open: what it found may only be explained by the log.
 */
export async function trimLog(options: TrimOptions): Promise<Trimmed> {
  const { pool, nc, subjects, step } = options;
  const stream = subjects.streams.commands;
  const manager = await jetstreamManager(nc, jetStreamOptions(nc));
  let purged = 0;
  for (let round = 0; round < MAX_STEPS; round++) {
    const audited = await readAudited(pool);
    if (typeof audited === 'string') return { purged, reason: audited };
    const { state } = await manager.streams.info(stream);
    // Older servers (2.9.10) purge "what comes before 1" wholly, and with it what has just come first into an empty log.
    if (state.messages === 0) return { purged, reason: 'the log is empty' };
    // What stands under those numbers from now on is not what was audited.
    if (audited.seq > state.last_seq) return { purged, reason: 'the log ends before what was audited' };
    const limit = Math.min(audited.seq + 1, state.first_seq + step, audited.neededFrom);
    const upTo = await firstYoungerThan(options, state.first_seq, limit);
    if (upTo <= state.first_seq) return { purged, reason: 'nothing audited is old enough' };
    // The database learns of it first: a log that begins later than it says was trimmed by someone else.
    await pool.query('UPDATE reconciler.log_audited SET trimmed_seq = greatest(trimmed_seq, $1)', [upTo - 1]);
    const done = await manager.streams.purge(stream, { seq: upTo });
    purged += done.purged;
  }
  return { purged, reason: 'the rest is for the next time' };
}

interface Audited {
  readonly seq: number;
  /** A lane reads on from here; what follows must stay. */
  readonly neededFrom: number;
}

async function readAudited(pool: pg.Pool): Promise<Audited | string> {
  const { rows } = await pool.query<{
    seq: string | null;
    status: string | null;
    needed_from: string | null;
  }>(
    `SELECT (SELECT seq FROM reconciler.log_audited) AS seq,
       (SELECT status FROM reconciler.runs WHERE vendor_id IS NULL AND status <> 'running'
         ORDER BY run_id DESC LIMIT 1) AS status,
       (SELECT min(cursor_seq) + 1 FROM ledger.lanes l
         WHERE EXISTS (SELECT FROM reconciler.log_positions p
           WHERE p.lane = l.lane AND (p.stream_epoch <> l.stream_epoch OR p.seq > l.cursor_seq))) AS needed_from`,
  );
  const { seq, status, needed_from: neededFrom } = rows[0]!;
  if (seq === null || status === null) return 'nothing has been audited yet';
  if (status !== 'verified') return `the last audit ended ${status}: the log stays until that is settled`;
  return { seq: Number(seq), neededFrom: neededFrom === null ? Number.MAX_SAFE_INTEGER : Number(neededFrom) };
}

/**
 * The first sequence in [from, to) that is younger than the retention, or that is missing, and so has no time; or `to`. Times
 * rise along the log. Throws when the server does not say.
 */
async function firstYoungerThan(options: TrimOptions, from: number, to: number): Promise<number> {
  const { nc, subjects, retentionMs, now = Date.now } = options;
  const manager = await jetstreamManager(nc, jetStreamOptions(nc));
  const before = now() - retentionMs;
  let low = from;
  let high = Math.max(from, to);
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const message = await manager.streams.getMessage(subjects.streams.commands, { seq: middle });
    if (message && message.time.getTime() < before) low = middle + 1;
    else high = middle;
  }
  return low;
}
