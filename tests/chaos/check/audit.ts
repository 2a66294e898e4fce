import path from 'node:path';
import type { Fleet } from '@b2b-charge/stack';
import { runB2b } from '../../run-tool.ts';
import type { Findings } from './findings.ts';

const WITHIN_MS = 120_000;

/** The reconciler, too, must find nothing: every book and both logs, from the first transaction. */
export async function auditFully(fleet: Fleet, findings: Findings, withinMs = WITHIN_MS): Promise<void> {
  const env = {
    ...fleet.environment('reconciler'),
    // That of the fleet's reconciler, if it has one: its checkpoints are verified, too.
    SIGNING_KEY_FILE: path.join(fleet.folder, 'reconciler-key.pem'),
    // Some of the load's credits come straight over NATS.
    CREDIT_SOURCES: 'credits,gateway',
  };
  const options = ['--full', '--report'];
  const { status, stdout, stderr } = await runB2b(['reconcile', ...options], {
    env,
    withinMs,
  });
  if (status !== 0) findings.add('audit', `exit code ${status}: ${stderr}${stdout}`.slice(0, 4_000));
}
