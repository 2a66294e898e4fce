import type pg from 'pg';
import type { Findings } from '../chaos/check/findings.ts';
import { until } from './until.ts';

/** Settings of a reconciler. Some of the load's credits come straight over NATS. */
export const WHEN_ASKED = { AUDIT_ON_SCHEDULE: 'false', CREDIT_SOURCES: 'credits,gateway' };
export const AUDITS_WITHOUT_END = { ...WHEN_ASKED, AUDIT_ON_SCHEDULE: 'true', AUDIT_CONTINUOUS_MS: '500' };

/** An audit has vouched for the books. */
export const audited = (db: pg.Pool): Promise<void> =>
  until('an audit finds the books clean', async () => {
    const { rows } = await db.query<{ status: string; error: string | null }>(
      'SELECT status, error FROM reconciler.runs ORDER BY run_id',
    );
    if (rows.some(({ status }) => status === 'verified')) return true;
    throw new Error(rows.map(({ status, error }) => `${status} ${error ?? ''}`).join('; '));
  });

/** Whatever breaks, no audit may see a discrepancy; one that could not look says so ("failed"), and is no finding. */
export async function checkAudits(db: pg.Pool, findings: Findings): Promise<void> {
  const { rows } = await db.query<{ run_id: string; status: string; text: string | null }>(
    `SELECT r.run_id, r.status, string_agg(f.check_name || ': ' || f.message, '; ') AS text
     FROM reconciler.runs r LEFT JOIN reconciler.findings f USING (run_id)
     WHERE r.status NOT IN ('verified', 'running', 'failed') GROUP BY r.run_id, r.status ORDER BY r.run_id`,
  );
  for (const { run_id, status, text } of rows)
    findings.add('audit', `audit ${run_id} ended ${status}: ${text}`);
}
