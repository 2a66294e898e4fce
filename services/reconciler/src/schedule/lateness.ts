import type pg from 'pg';
import type { ReconcilerConfig } from '../config.ts';
import { lateSeconds, scheduleTrigger } from './schedules.ts';

export type Lateness = Record<'incremental' | 'full', number>;

/** How far each schedule is behind, by the runs in the database: those of all replicas. */
export async function readLateness(
  pool: pg.Pool,
  config: ReconcilerConfig,
  serviceStartedAt: Date,
): Promise<Lateness> {
  const { rows } = await pool.query<{ trigger: string; started_at: Date }>(
    `SELECT trigger, max(started_at) AS started_at FROM reconciler.runs
     WHERE trigger LIKE 'schedule:%' AND status <> 'failed' GROUP BY trigger`,
  );
  const now = new Date();
  const lateOf = (mode: 'incremental' | 'full', pattern: string) =>
    lateSeconds(pattern, config.BUSINESS_TIMEZONE, {
      // A system that was switched off is late from its start on, not for the time that it was off.
      lastStartedAt: later(
        rows.find((row) => row.trigger === scheduleTrigger(mode))?.started_at,
        serviceStartedAt,
      ),
      now,
      graceMs: config.AUDIT_LATE_AFTER_S * 1_000,
    });
  return {
    incremental: lateOf('incremental', config.AUDIT_SCHEDULE),
    full: lateOf('full', config.AUDIT_FULL_SCHEDULE),
  };
}

const later = (a: Date | undefined, b: Date): Date => (a && a > b ? a : b);
