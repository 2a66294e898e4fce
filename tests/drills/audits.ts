import path from 'node:path';
import type { Fleet } from '@b2b-charge/stack';
import type pg from 'pg';
import type { Findings } from '../chaos/check/findings.ts';
import { runB2b } from '../run-tool.ts';

/** Settings of a reconciler. Some of the load's credits come straight over NATS. */
export const WHEN_ASKED = { AUDIT_ON_SCHEDULE: 'false', CREDIT_SOURCES: 'credits,gateway' };
export const AUDITS_WITHOUT_END = { ...WHEN_ASKED, AUDIT_ON_SCHEDULE: 'true', AUDIT_CONTINUOUS_MS: '500' };

const reconcile = (fleet: Fleet, options: readonly string[]) =>
  runB2b(['reconcile', ...options], {
    env: {
      ...fleet.environment('reconciler'),
      SIGNING_KEY_FILE: path.join(fleet.folder, 'reconciler-key.pem'),
      CREDIT_SOURCES: WHEN_ASKED.CREDIT_SOURCES,
    },
  });

/** The first audit: it registers the streams. */
export async function auditOnce(fleet: Fleet): Promise<void> {
  const { status, stderr, stdout } = await reconcile(fleet, ['--report']);
  if (status !== 0) throw new Error(`the first audit: ${stderr}${stdout}`);
}

/** What an operator does when the loss of a stream is explained. The audit must have found it. */
export async function acceptStreams(fleet: Fleet): Promise<void> {
  const { status, stdout } = await reconcile(fleet, ['--full', '--restart-checkpoints', '--report']);
  if (status !== 1 || !stdout.includes('witness')) throw new Error(`the loss was not found: ${stdout}`);
}

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
