import type { AuditRun, Checkpoint, Finding } from '@b2b-charge/contracts';
import type pg from 'pg';
import type { SigningKey } from '../keys/signing-key.ts';
import { takeCheckpoint } from './checkpoints.ts';
import { inTransaction, type Tx } from './transaction.ts';

export interface RunStart {
  readonly mode: 'incremental' | 'full';
  readonly vendorId: number | null;
  readonly trigger: string;
  readonly startedBy: string;
  /** The instant that a schedule named; it gets one run only. */
  readonly scheduledFor?: Date | null;
}

export interface OpenRun extends RunStart {
  readonly runId: number;
  readonly fence: number;
  readonly startedAt: Date;
}

/** Another run has raised the fence: this one may write nothing any more. */
export class FencedOffError extends Error {
  override name = 'FencedOffError';
}

/** Another replica has run, or is running, for this scheduled instant. */
export class AlreadyRunError extends Error {
  override name = 'AlreadyRunError';
}

const STARTED = 'another run has begun';

/** Opens a run and raises the fence, so that whoever ran before cannot write any more. */
export function beginRun(pool: pg.Pool, start: RunStart): Promise<OpenRun> {
  return inTransaction(pool, async (tx) => {
    if (start.scheduledFor) await refuseSecond(tx, start.trigger, start.scheduledFor);
    const raised = await tx.query<{ fence: string }>(
      `UPDATE reconciler.run_fence SET fence = fence + 1, holder = $1, raised_at = clock_timestamp()
       WHERE name = 'audit' RETURNING fence`,
      [start.startedBy],
    );
    const fence = Number(raised.rows[0]!.fence);
    // Whoever left a run open is dead or fenced off.
    await tx.query(
      `UPDATE reconciler.runs SET status = 'failed', finished_at = clock_timestamp(), error = $1
       WHERE status = 'running'`,
      [STARTED],
    );
    await tx.query('DELETE FROM reconciler.staged_heads');
    const { rows } = await tx.query<{ run_id: string; started_at: Date }>(
      `INSERT INTO reconciler.runs (mode, vendor_id, trigger, started_by, fence, scheduled_for)
       VALUES ($1, $2, $3, $4, $5, $6) RETURNING run_id, started_at`,
      [start.mode, start.vendorId, start.trigger, start.startedBy, fence, start.scheduledFor ?? null],
    );
    return { ...start, fence, runId: Number(rows[0]!.run_id), startedAt: rows[0]!.started_at };
  });
}

/** Throws AlreadyRunError. Whoever holds the fence's row decides, so that two cannot both find none. */
async function refuseSecond(tx: Tx, trigger: string, scheduledFor: Date): Promise<void> {
  await tx.query(`SELECT FROM reconciler.run_fence WHERE name = 'audit' FOR UPDATE`);
  const { rowCount } = await tx.query(
    'SELECT FROM reconciler.runs WHERE trigger = $1 AND scheduled_for = $2',
    [trigger, scheduledFor],
  );
  if (rowCount) throw new AlreadyRunError(`${trigger} of ${scheduledFor.toISOString()} has run`);
}

/** Says how far the run is. Throws FencedOffError. */
export async function reportProgress(pool: pg.Pool, run: OpenRun, share: number): Promise<void> {
  const { rowCount } = await pool.query(
    `UPDATE reconciler.runs SET progress = jsonb_build_object('share', $2::float8, 'at', clock_timestamp())
     WHERE run_id = $1 AND status = 'running'`,
    [run.runId, share],
  );
  if (rowCount === 0) throw new FencedOffError(STARTED);
}

async function holdFence(tx: Tx, run: OpenRun): Promise<void> {
  const { rows } = await tx.query<{ fence: string }>(
    `SELECT fence FROM reconciler.run_fence WHERE name = 'audit' FOR UPDATE`,
  );
  if (Number(rows[0]!.fence) !== run.fence) throw new FencedOffError(STARTED);
}

/** How far a run got with the command log. */
export interface LogProgress {
  readonly auditedSeq: number;
  /** What stood before the first command is gone. */
  readonly trimmedSeq: number;
  readonly lanes: readonly { lane: number; streamEpoch: number; seq: number }[];
  /** LEDGER_EVENTS was compared up to here. */
  readonly eventsSeq: number;
}

export interface RunEnd {
  readonly report: AuditRun;
  readonly findings: readonly Finding[];
  /** Set when the run may vouch for what it saw. */
  readonly checkpoint: {
    key: SigningKey;
    takenAt: Date;
    log: LogProgress | null;
    staged: number;
  } | null;
}

/** Writes everything that a run found and vouches for, in one transaction. Throws FencedOffError. */
export function finishRun(pool: pg.Pool, run: OpenRun, end: RunEnd): Promise<Checkpoint | null> {
  return inTransaction(pool, async (tx) => {
    await holdFence(tx, run);
    await insertFindings(tx, run.runId, end.findings);
    let checkpoint: Checkpoint | null = null;
    if (end.checkpoint) {
      const { key, takenAt, log, staged } = end.checkpoint;
      checkpoint = await takeCheckpoint(tx, {
        ...{ runId: run.runId, key, takenAt, staged },
        currency: end.report.currency,
        eventsSeq: log?.eventsSeq ?? 0,
      });
      if (log) await moveLogPositions(tx, run.runId, log);
    }
    await tx.query(
      `UPDATE reconciler.runs SET status = $2, finished_at = clock_timestamp(), report = $3 WHERE run_id = $1`,
      [run.runId, end.report.status, JSON.stringify(end.report)],
    );
    return checkpoint;
  });
}

/** Where the server has stored the run's report: later audits look for it there. */
export async function notePublished(pool: pg.Pool, { runId }: OpenRun, seq: number): Promise<void> {
  await pool.query('UPDATE reconciler.runs SET published_seq = $2 WHERE run_id = $1', [runId, seq]);
}

export async function failRun(pool: pg.Pool, run: OpenRun, error: string): Promise<void> {
  await pool.query(
    `UPDATE reconciler.runs SET status = 'failed', finished_at = clock_timestamp(), error = $2
     WHERE run_id = $1 AND status = 'running'`,
    [run.runId, error.slice(0, 1_000)],
  );
}

async function insertFindings(tx: Tx, runId: number, findings: readonly Finding[]): Promise<void> {
  await tx.query(
    `INSERT INTO reconciler.findings (run_id, number, check_name, level, vendor_id, seq, transaction_id, expected,
       found, message, advice, fixed)
     SELECT $1, f.number, f."check", f.level, f.vendor_id, f.seq, f.transaction_id, f.expected, f.found, f.message,
       f.advice, f.fixed
     FROM jsonb_to_recordset($2) AS f (number int, "check" text, level text, vendor_id int, seq bigint,
       transaction_id uuid, expected text, found text, message text, advice text, fixed boolean)`,
    [runId, JSON.stringify(findings)],
  );
}

async function moveLogPositions(tx: Tx, runId: number, log: LogProgress): Promise<void> {
  // The ledger may have had more lanes before.
  await tx.query('DELETE FROM reconciler.log_positions WHERE lane <> ALL ($1::int[])', [
    log.lanes.map(({ lane }) => lane),
  ]);
  await tx.query(
    `INSERT INTO reconciler.log_positions (lane, stream_epoch, seq)
     SELECT * FROM unnest($1::int[], $2::int[], $3::bigint[])
     ON CONFLICT (lane) DO UPDATE SET stream_epoch = excluded.stream_epoch, seq = excluded.seq`,
    [
      log.lanes.map(({ lane }) => lane),
      log.lanes.map(({ streamEpoch }) => streamEpoch),
      log.lanes.map(({ seq }) => seq),
    ],
  );
  await tx.query(
    `INSERT INTO reconciler.log_audited AS a (seq, run_id, trimmed_seq) VALUES ($1, $2, $3)
     ON CONFLICT (one) DO UPDATE SET seq = excluded.seq, run_id = excluded.run_id,
       trimmed_seq = greatest(a.trimmed_seq, excluded.trimmed_seq)`,
    [log.auditedSeq, runId, Math.max(0, log.trimmedSeq)],
  );
}
