import { DEFAULT_LANES } from '@b2b-charge/contracts';
import {
  amountSetting,
  commaSeparated,
  commonSettings,
  databaseSettings,
  databaseUrl,
  lockTimeoutIsShorter,
  parseSettings,
  redisUrl,
  timeZone,
  whole,
} from '@b2b-charge/runtime';
import { Cron } from 'croner';
import { z } from 'zod';

const cron = z.string().refine((pattern) => {
  try {
    new Cron(pattern, { paused: true }).stop();
    return true;
  } catch {
    return false;
  }
}, 'a cron expression');

/** Connections of the pool for what is not an audit: calls, health, the lock and the record of a run. */
const BESIDES_WORKERS = 4;

export const reconcilerSettings = z.object({
  ...commonSettings,
  // An audit's snapshot is held open by connections that may idle for a while.
  ...databaseSettings({
    service: 'reconciler',
    poolMax: 2 + BESIDES_WORKERS,
    poolMin: 1 + BESIDES_WORKERS,
    statementTimeoutMs: 300_000,
    lockTimeoutMs: 10_000,
    idleInTransactionTimeoutMs: 300_000,
  }),
  REPLICA_DATABASE_URL: databaseUrl
    .optional()
    .describe('A streaming replica of it, as the same role: audits and exports read their snapshot there'),
  REPLICA_WAIT_MS: whole(0, 600_000)
    .default(30_000)
    .describe('How long an audit waits for the replica to get as far as the primary, before it reads there'),
  REDIS_URL: redisUrl.describe('Redis: balance copies to compare, the lock of a run'),
  LANES: whole(1, 1024)
    .default(DEFAULT_LANES)
    .describe('Lanes of the command log, until the ledger has stored its own number'),
  BUSINESS_TIMEZONE: timeZone
    .default('Asia/Tehran')
    .describe(
      'Time zone of reports and schedules, and of the business day until the ledger has stored its own',
    ),
  SIGNING_KEY_FILE: z
    .string()
    .optional()
    .describe(
      'Private Ed25519 key (PEM), made if it does not exist; without it there are no checkpoints and no receipts',
    ),
  MINOR_DISCREPANCY_LIMIT: amountSetting
    .prefault('100.00')
    .describe('A stored copy that differs by at most this is minor and may be fixed'),
  AUDIT_SCHEDULE: cron.default('*/10 * * * *').describe('When an incremental audit runs (cron)'),
  AUDIT_FULL_SCHEDULE: cron.default('30 3 * * *').describe('When a full audit runs (cron)'),
  AUDIT_ON_SCHEDULE: z
    .enum(['true', 'false'])
    .default('true')
    .transform((text) => text === 'true')
    .describe('Whether schedules run in this process; false answers calls only'),
  AUDIT_CONTINUOUS_MS: whole(0, 3_600_000)
    .default(0)
    .describe('Pause between incremental audits that follow one another without end; 0 turns that off'),
  AUDIT_LATE_AFTER_S: whole(1, 86_400)
    .default(300)
    .describe('A scheduled audit that has not begun this long after its time counts as late'),
  AUDIT_WORKERS: whole(1, 16)
    .default(2)
    .describe('Connections that one audit reads through; DATABASE_POOL_MAX is at least four more'),
  AUDIT_LOG_SETTLE_MS: whole(0, 60_000)
    .default(5_000)
    .describe('How long the ledger may take to notice a rollback of the log before the auditor alarms'),
  CREDIT_SOURCES: commaSeparated
    .default([])
    .describe('Publishing systems besides `credits` whose credits need no credit request'),
  CREDIT_POSTED_WITHIN_S: whole(1, 604_800)
    .default(900)
    .describe('An approved credit request not posted after this time is a finding'),
  LOG_RETENTION_HOURS: whole(0, 87_600)
    .default(168)
    .describe('Audited commands stay in the log at least this long'),
  TRIM_STEP: whole(1, 10_000_000).default(50_000).describe('Messages purged from the log at once'),
  REPORT_RETENTION_DAYS: whole(1, 3_650).default(365).describe('How long reports are kept'),
  CHECKPOINT_HISTORY_DAYS: whole(1, 3_650)
    .default(90)
    .describe('How long superseded heads of checkpoints are kept'),
  ALERT_WEBHOOK_URL: z.url().optional().describe('Gets a POST with the report when an audit is CRITICAL'),
});

export type ReconcilerConfig = z.output<typeof reconcilerSettings>;

/** Throws ConfigError naming every bad variable. */
export function parseConfig(env: Record<string, string | undefined>): ReconcilerConfig {
  const settings = reconcilerSettings
    .refine(...lockTimeoutIsShorter)
    .refine(({ DATABASE_POOL_MAX, AUDIT_WORKERS }) => DATABASE_POOL_MAX >= AUDIT_WORKERS + BESIDES_WORKERS, {
      path: ['DATABASE_POOL_MAX'],
      message: `must be at least AUDIT_WORKERS and ${BESIDES_WORKERS} more`,
    });
  return parseSettings(settings, env);
}
