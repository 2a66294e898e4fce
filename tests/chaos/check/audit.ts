import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import type { Fleet } from '@b2b-charge/stack';
import type { Findings } from './findings.ts';

const CLI = path.join(import.meta.dirname, '../../../services/reconciler/src/cli.ts');
const WITHIN_MS = 120_000;
const run = promisify(execFile);

/** The reconciler, too, must find nothing: every book and both logs, from the first transaction. */
export async function auditFully(fleet: Fleet, findings: Findings, withinMs = WITHIN_MS): Promise<void> {
  const env = {
    PATH: process.env.PATH,
    ...fleet.environment('reconciler'),
    // Some of the load's credits come straight over NATS.
    CREDIT_SOURCES: 'credits,gateway',
  };
  try {
    await run(process.execPath, [CLI, '--full', '--report'], { env, timeout: withinMs });
  } catch (error) {
    const { code, stdout, stderr } = error as { code?: number; stdout?: string; stderr?: string };
    findings.add('audit', `exit code ${code}: ${stderr}${stdout}`.slice(0, 4_000));
  }
}
