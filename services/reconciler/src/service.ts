import { hostname } from 'node:os';
import type { AuditRun } from '@b2b-charge/contracts';
import {
  ClockOffset,
  healthOf,
  type Logger,
  serveCalls,
  startOpsServer,
  startTracing,
  type Tracing,
} from '@b2b-charge/runtime';
import { alertWebhook } from './alert/webhook.ts';
import { auditCalls } from './calls/index.ts';
import type { ReconcilerConfig } from './config.ts';
import { createMetrics } from './metrics.ts';
import { type OpenTools, openTools } from './run/open-tools.ts';
import type { FinishedRun } from './run/run-audit.ts';
import { startContinuous } from './schedule/continuous.ts';
import { readLateness } from './schedule/lateness.ts';
import { Runner } from './schedule/runner.ts';
import { startSchedules } from './schedule/schedules.ts';
import { readLastAudits } from './store/last-audits.ts';
import { applyRetention } from './store/retention.ts';
import { trimLog } from './trim/trim-log.ts';

/** Builds the service and starts it; disposing ends it in the opposite order. */
export async function startReconciler(config: ReconcilerConfig, log: Logger): Promise<AsyncDisposable> {
  await using parts = new AsyncDisposableStack();
  const startedAt = new Date();
  const tools = parts.use(await openTools(config));
  if (!tools.keys) log.warn('SIGNING_KEY_FILE is not set: no checkpoints, no receipts, every audit is full');
  const metrics = createMetrics();
  metrics.watch({
    lateness: () => readLateness(tools.pool, config, startedAt),
    lastAudits: () => readLastAudits(tools.pool),
  });
  const clock = parts.use(await ClockOffset.start(tools.pool, config.CLOCK_OFFSET_LIMIT_MS));
  metrics.connections.pool(tools.pool, clock);
  metrics.connections.nats(tools.nc);
  metrics.connections.redis(tools.redis);
  const tracing = await startTracing('reconciler', config);
  if (tracing) parts.use(tracing);
  const onFinished = (finished: FinishedRun) => {
    if (tracing) traceAudit(tracing, finished.run);
    return afterRun({ config, log, tools, trimmed: metrics.trimmed }, finished);
  };
  const runner = parts.use(new Runner({ tools, log, metrics, onFinished }));
  const timeZone = config.BUSINESS_TIMEZONE;
  const startedBy = `${hostname()}/${process.pid}`;
  if (config.AUDIT_ON_SCHEDULE) {
    const patterns = { incremental: config.AUDIT_SCHEDULE, full: config.AUDIT_FULL_SCHEDULE };
    parts.use(startSchedules({ runner, log, timeZone, startedBy, patterns }));
  }
  if (config.AUDIT_CONTINUOUS_MS > 0) {
    parts.use(startContinuous({ runner, startedBy, pauseMs: config.AUDIT_CONTINUOUS_MS }));
  }
  parts.use(
    serveCalls(
      { nc: tools.nc, subjects: tools.subjects, log, currency: tools.currency },
      auditCalls({ tools, runner }),
    ),
  );
  // Started means that the server knows the subscriptions.
  await tools.nc.flush();
  const ops = parts.use(
    await startOpsServer({
      host: config.OPS_HOST,
      port: config.OPS_PORT,
      metrics: metrics.registry,
      // Redis may be away: audits go on without its copies.
      health: healthOf({ ...tools, clock }),
    }),
  );
  log.info({ port: ops.port }, 'health and metrics');
  return parts.move();
}

/** Audits are few: each has its span. */
function traceAudit(tracing: Tracing, run: AuditRun): void {
  const { run_id, status, findings, transactions_checked } = run;
  tracing
    .start(`audit ${run.mode}`, {
      startMs: Date.parse(run.started_at),
      attributes: { 'audit.run': run_id, 'audit.status': status, findings, transactions_checked },
    })
    .end();
}

interface After {
  readonly config: ReconcilerConfig;
  readonly log: Logger;
  readonly tools: OpenTools;
  readonly trimmed: (messages: number) => void;
}

/** What follows a run: the alert, the trim, the retention. None of them makes a run fail. */
async function afterRun({ config, log, tools, trimmed }: After, finished: FinishedRun): Promise<void> {
  const { run } = finished;
  try {
    if (run.status === 'critical') log.error({ run }, 'the books do not hold');
    if (run.status === 'critical' && config.ALERT_WEBHOOK_URL) {
      await alertWebhook(config.ALERT_WEBHOOK_URL, finished, log);
    }
    const trim = await trimLog({
      ...tools,
      retentionMs: config.LOG_RETENTION_HOURS * 3_600_000,
      step: config.TRIM_STEP,
    });
    trimmed(trim.purged);
    if (trim.purged > 0) log.info(trim, 'the command log was trimmed');
    await applyRetention(tools.pool, {
      reportDays: config.REPORT_RETENTION_DAYS,
      historyDays: config.CHECKPOINT_HISTORY_DAYS,
    });
  } catch (error) {
    log.error({ err: error }, 'the work after an audit failed');
  }
}
