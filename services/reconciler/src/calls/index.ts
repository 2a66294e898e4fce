import type { AUDIT_CALLS, AuditRun, CallResponse } from '@b2b-charge/contracts';
import { CallError, type CallHandlers, readCursor } from '@b2b-charge/runtime';
import { readerOf } from '../audit/snapshot.ts';
import { issueReceipt } from '../receipts/issue-receipt.ts';
import type { AuditTools } from '../run/audit-tools.ts';
import type { Runner, RunRequest } from '../schedule/runner.ts';
import { latestCheckpoint } from '../store/checkpoints.ts';
import { listRuns, readRun } from '../store/read-runs.ts';
import { getReport } from './get-report.ts';
import { verifyVendor } from './verify-vendor.ts';

interface CallsOptions {
  readonly tools: AuditTools;
  readonly runner: Runner;
}

/** The calls by name. */
export function auditCalls({ tools, runner }: CallsOptions): CallHandlers<keyof typeof AUDIT_CALLS> {
  const { pool } = tools;
  return {
    'audit.verify': (wanted) => verifyVendor(tools, wanted),
    'audit.run': ({ mode, fix, by, wait_ms: waitMs }, { traceparent }) =>
      startRun({ tools, runner }, { mode, fix, trigger: 'call', startedBy: by, traceparent }, waitMs),
    'audit.runs': (filter) => listReports(tools, filter),
    'audit.report': (wanted) => getReport(tools, wanted),
    'audit.receipt': ({ vendor_id: vendorId, transaction_id: transactionId }) =>
      issueReceipt(tools, { vendorId: vendorId ?? null, transactionId }),
    'audit.keys': () => listKeys(tools),
    'audit.checkpoint': () => latestCheckpoint(readerOf(pool)),
  };
}

async function startRun(
  { tools, runner }: Pick<CallsOptions, 'tools' | 'runner'>,
  request: RunRequest,
  waitMs: number,
): Promise<AuditRun> {
  const started = await runner.start(request);
  if (!started) throw new CallError('RUN_IN_PROGRESS', 'an audit is running');
  const finished = started.finished.then(({ run }) => run).catch(() => null);
  const waited = new Promise<null>((done) => setTimeout(done, waitMs, null).unref());
  const run =
    (await Promise.race([finished, waited])) ?? (await readRun(tools.pool, tools.currency, started.runId));
  if (!run) throw new CallError('NOT_FOUND', 'the run is gone');
  return run;
}

async function listReports(
  { pool, currency }: AuditTools,
  filter: {
    status?: AuditRun['status'] | null | undefined;
    limit: number;
    cursor?: string | null | undefined;
  },
): Promise<CallResponse<'audit.runs'>> {
  const cursor = readCursor(filter.cursor);
  const runs = await listRuns(pool, currency, {
    status: filter.status ?? null,
    before: cursor ? Number(cursor) : null,
    limit: filter.limit + 1,
  });
  const page = runs.slice(0, filter.limit);
  return { runs: page, next_cursor: runs.length > page.length ? String(page.at(-1)!.run_id) : null };
}

async function listKeys({ pool, keys }: AuditTools): Promise<CallResponse<'audit.keys'>> {
  const { rows } = await pool.query<{ key_id: string; public_key: string; created_at: Date }>(
    'SELECT key_id, public_key, created_at FROM reconciler.keys ORDER BY created_at DESC LIMIT 100',
  );
  return {
    keys: rows.map((row) => ({
      ...row,
      created_at: row.created_at.toISOString(),
      current: row.key_id === keys?.current.keyId,
    })),
  };
}
