import type { AuditRun } from '@b2b-charge/contracts';
import type pg from 'pg';

export interface LastAudits {
  /** The newest finished over all vendors; null before the first. */
  readonly run: AuditRun | null;
  /** Seconds since the last one ended, of each mode that ever ran; a full audit is an incremental one, too. */
  readonly ageS: Readonly<Partial<Record<'incremental' | 'full', number>>>;
}

/** How old the last audits of all replicas are, and what the newest found. */
export async function readLastAudits(pool: pg.Pool): Promise<LastAudits> {
  const newestOf = (mode: string) =>
    `(SELECT mode, report, extract(epoch FROM clock_timestamp() - finished_at)::float8 AS age_s
      FROM reconciler.runs WHERE report IS NOT NULL AND vendor_id IS NULL AND mode = '${mode}'
      ORDER BY run_id DESC LIMIT 1)`;
  const { rows } = await pool.query<{ mode: 'incremental' | 'full'; report: AuditRun; age_s: number }>(
    `${newestOf('full')} UNION ALL ${newestOf('incremental')}`,
  );
  const [full, incremental] = ['full', 'incremental'].map((mode) => rows.find((row) => row.mode === mode));
  const newest = rows.toSorted((a, b) => b.report.run_id - a.report.run_id)[0];
  const youngest = Math.min(...rows.map((row) => row.age_s));
  return {
    run: newest?.report ?? null,
    ageS: {
      ...(full ? { full: full.age_s } : {}),
      ...(full || incremental ? { incremental: youngest } : {}),
    },
  };
}
