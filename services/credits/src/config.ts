import {
  amountSetting,
  commonSettings,
  databaseSettings,
  lockTimeoutIsShorter,
  parseSettings,
  timeZone,
  whole,
} from '@b2b-charge/runtime';
import { z } from 'zod';

export const creditsSettings = z.object({
  ...commonSettings,
  ...databaseSettings({
    service: 'credits',
    poolMax: 5,
    poolMin: 2,
    statementTimeoutMs: 10_000,
    lockTimeoutMs: 5_000,
    idleInTransactionTimeoutMs: 10_000,
  }),
  LANES: whole(1, 1024).default(16).describe('Lanes of the command log; the same in every service'),
  BUSINESS_TIMEZONE: timeZone.default('Asia/Tehran').describe('Time zone of the business day'),
  CREDIT_DUAL_APPROVAL_ABOVE: amountSetting
    .optional()
    .describe('Requests above this amount need two different admins; unset: one is enough for all'),
  CREDIT_DAILY_LIMIT: amountSetting
    .optional()
    .describe('Credit that one vendor may ask for on a business day; unset: no limit'),
  CREDIT_WAIT_MS: whole(100, 60_000).default(5_000).describe('Wait for the outcome of a credit command'),
  CREDIT_DEADLINE_MS: whole(1_000, 3_600_000)
    .default(60_000)
    .describe('A credit command not decided within this time expires and is sent again'),
  CREDIT_RETRY_MAX_MS: whole(100, 600_000).default(30_000).describe('Longest pause between two attempts'),
  CREDIT_SWEEP_MS: whole(50, 60_000).default(1_000).describe('How often approved requests are swept'),
  CREDIT_STUCK_AFTER_MS: whole(1_000, 86_400_000)
    .default(60_000)
    .describe('An approved request not posted after this time counts as stuck in the metrics'),
});

export type CreditsConfig = z.output<typeof creditsSettings>;

/** Throws ConfigError naming every bad variable. */
export function parseConfig(env: Record<string, string | undefined>): CreditsConfig {
  return parseSettings(creditsSettings.refine(...lockTimeoutIsShorter), env);
}
