import type { AuditRun } from '@b2b-charge/contracts';
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { Lateness } from './schedule/lateness.ts';

export interface AuditMetrics {
  readonly registry: Registry;
  finished(run: AuditRun): void;
  failed(): void;
  trimmed(messages: number): void;
}

/** What an operator alerts on: `b2b_audit_vendors{level="critical"} > 0`, late schedules, audits that fail. */
export function createMetrics(lateness: () => Promise<Lateness>): AuditMetrics {
  const registry = new Registry();
  const registers = [registry];
  const vendors = new Gauge({
    name: 'b2b_audit_vendors',
    help: 'Vendors by the level that the last audit found',
    labelNames: ['level'],
    registers,
  });
  const findings = new Gauge({
    name: 'b2b_audit_findings',
    help: 'Findings of the last audit',
    registers,
  });
  const runs = new Counter({
    name: 'b2b_audit_runs_total',
    help: 'Audits by how they ended',
    labelNames: ['status'],
    registers,
  });
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
  const late = new Gauge({
    name: 'b2b_audit_late_seconds',
    help: 'How far a schedule is behind; 0 when it is not',
    labelNames: ['schedule'],
    registers,
    collect: async () => {
      for (const [schedule, seconds] of Object.entries(await lateness())) late.set({ schedule }, seconds);
    },
  });
  return {
    registry,
    finished(run) {
      runs.inc({ status: run.status });
      findings.set(run.findings);
      vendors.set({ level: 'verified' }, run.verified + run.minor_fixed);
      vendors.set({ level: 'minor' }, run.minor);
      vendors.set({ level: 'critical' }, run.critical);
      transactions.inc(run.transactions_checked);
      duration.observe((run.duration_ms ?? 0) / 1_000);
    },
    failed: () => runs.inc({ status: 'failed' }),
    trimmed: (messages) => trimmed.inc(messages),
  };
}
