import type { AuditRun, Finding } from '@b2b-charge/contracts';
import type pg from 'pg';

interface Row {
  run_id: string;
  mode: 'incremental' | 'full';
  vendor_id: number | null;
  trigger: string;
  started_by: string;
  status: AuditRun['status'];
  started_at: Date;
  finished_at: Date | null;
  share: number | null;
  report: AuditRun | null;
  error: string | null;
}

const COLUMNS = `run_id, mode, vendor_id, trigger, started_by, status, started_at, finished_at,
  (progress->>'share')::float8 AS share, report, error`;

/** A finished run is its report; one that goes on or failed has its row only. */
function toRun(row: Row, currency: string): AuditRun {
  if (row.report) return row.report;
  return {
    run_id: Number(row.run_id),
    mode: row.mode,
    vendor_id: row.vendor_id,
    trigger: row.trigger,
    started_by: row.started_by,
    status: row.status,
    started_at: row.started_at.toISOString(),
    finished_at: row.finished_at?.toISOString() ?? null,
    duration_ms: row.finished_at ? row.finished_at.getTime() - row.started_at.getTime() : null,
    vendors_checked: 0,
    transactions_checked: 0,
    numbers_erased: 0,
    commands_checked: 0,
    verified: 0,
    minor: 0,
    minor_fixed: 0,
    critical: 0,
    findings: 0,
    stored_total: '0.00',
    calculated_total: '0.00',
    currency,
    notes: [],
    progress: row.status === 'running' ? (row.share ?? 0) : null,
    error: row.error,
  };
}

/** Newest first, before a run id. */
export async function listRuns(
  pool: pg.Pool,
  currency: string,
  filter: { status: AuditRun['status'] | null; before: number | null; limit: number },
): Promise<AuditRun[]> {
  const { rows } = await pool.query<Row>(
    `SELECT ${COLUMNS} FROM reconciler.runs
     WHERE ($1::text IS NULL OR status = $1) AND ($2::bigint IS NULL OR run_id < $2)
     ORDER BY run_id DESC LIMIT $3`,
    [filter.status, filter.before, filter.limit],
  );
  return rows.map((row) => toRun(row, currency));
}

/** A run by its id; without one the newest finished. */
export async function readRun(
  pool: pg.Pool,
  currency: string,
  runId: number | null,
): Promise<AuditRun | null> {
  const { rows } = await pool.query<Row>(
    `SELECT ${COLUMNS} FROM reconciler.runs
     WHERE CASE WHEN $1::bigint IS NULL THEN report IS NOT NULL ELSE run_id = $1 END
     ORDER BY run_id DESC LIMIT 1`,
    [runId],
  );
  return rows[0] ? toRun(rows[0], currency) : null;
}

export async function readFindings(pool: pg.Pool, runId: number, limit: number): Promise<Finding[]> {
  const { rows } = await pool.query<Omit<Finding, 'seq'> & { seq: string | null }>(
    `SELECT number, check_name AS "check", level, vendor_id, seq, transaction_id, expected, found, message, advice, fixed
     FROM reconciler.findings WHERE run_id = $1 ORDER BY number LIMIT $2`,
    [runId, limit],
  );
  return rows.map((row) => ({ ...row, seq: row.seq === null ? null : Number(row.seq) }));
}
