import type { AuditRun } from '@b2b-charge/contracts';
import { connectionMetrics, createRegistry, readGauge, shared } from '@b2b-charge/runtime';
import { Counter, Histogram } from 'prom-client';
import type { Lateness } from './schedule/lateness.ts';
import type { LastAudits } from './store/last-audits.ts';

export type AuditMetrics = ReturnType<typeof createMetrics>;

/** From the database, so that every replica tells the same, and a new one at once. */
interface Sources {
  lateness(): Promise<Lateness>;
  lastAudits(): Promise<LastAudits>;
}

/** What an operator alerts on: vendors at level critical, late schedules, audits that fail. */
export function createMetrics() {
  const registry = createRegistry();
  const connections = connectionMetrics(registry);
  const registers = [registry];
  let sources: Sources | null = null;
  const last = shared(async () => (await sources?.lastAudits()) ?? null);
  readGauge(
    registry,
    {
      name: 'b2b_audit_vendors',
      help: 'Vendors by the level that the last audit found',
      labelNames: ['level'],
    },
    async () => {
      const run = (await last())?.run;
      if (!run) return [];
      return [
        [{ level: 'verified' }, run.verified + run.minor_fixed],
        [{ level: 'minor' }, run.minor],
        [{ level: 'critical' }, run.critical],
      ];
    },
  );
  readGauge(
    registry,
    { name: 'b2b_audit_findings', help: 'Findings of the last audit' },
    async () => (await last())?.run?.findings ?? [],
  );
  readGauge(
    registry,
    {
      name: 'b2b_audit_age_seconds',
      help: 'Time since the last audit over all vendors came to its end, by mode; a full one counts as both',
      labelNames: ['mode'],
    },
    async () => Object.entries((await last())?.ageS ?? {}).map(([mode, seconds]) => [{ mode }, seconds]),
  );
  readGauge(
    registry,
    {
      name: 'b2b_audit_late_seconds',
      help: 'How far a schedule is behind; 0 when it is not',
      labelNames: ['schedule'],
    },
    async () =>
      Object.entries((await sources?.lateness()) ?? {}).map(([schedule, seconds]) => [{ schedule }, seconds]),
  );
  const runs = new Counter({
    name: 'b2b_audit_runs_total',
    help: 'Audits of this process by how they ended',
    labelNames: ['status'],
    registers,
  });
  // From zero on, so that the first one of a kind is an increase.
  for (const status of ['verified', 'minor', 'critical', 'failed']) runs.inc({ status }, 0);
  const duration = new Histogram({
    name: 'b2b_audit_duration_seconds',
    help: 'Duration of audits over all vendors',
    buckets: [0.1, 0.3, 1, 3, 10, 30, 100, 300, 1000],
    registers,
  });
  const transactions = new Counter({
    name: 'b2b_audit_transactions_total',
    help: 'Transactions checked',
    registers,
  });
  const trimmed = new Counter({
    name: 'b2b_audit_trimmed_messages_total',
    help: 'Audited commands purged from the log',
    registers,
  });
  return {
    registry,
    connections,
    finished(run: AuditRun): void {
      runs.inc({ status: run.status });
      transactions.inc(run.transactions_checked);
      duration.observe((run.duration_ms ?? 0) / 1_000);
    },
    failed: (): void => runs.inc({ status: 'failed' }),
    trimmed: (messages: number): void => trimmed.inc(messages),
    watch(given: Sources): void {
      sources = given;
    },
  };
}
