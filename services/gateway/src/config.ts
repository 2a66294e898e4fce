import { flag, httpSettings } from '@b2b-charge/http/settings';
import {
  commonSettings,
  databaseSettings,
  lockTimeoutIsShorter,
  parseSettings,
  redisUrl,
  secretKey,
  whole,
} from '@b2b-charge/runtime';
import { z } from 'zod';

export const baseSettings = z.object({
  ...commonSettings,
  ...httpSettings,
  PORT: whole(0, 65_535).default(8000).describe('Port of the HTTP API; 0 takes a free one'),
  ...databaseSettings({
    service: 'gateway',
    poolMax: 5,
    poolMin: 1,
    statementTimeoutMs: 5_000,
    lockTimeoutMs: 2_000,
    idleInTransactionTimeoutMs: 5_000,
  }),
  REDIS_URL: redisUrl.describe('Redis: rate limits, replayed outcomes, the duplicate-suppression window'),
  REDIS_SEAL_KEY: secretKey.describe(
    'Key that seals the outcomes and deadlines cached in Redis: 32 random bytes in base64, the same for every gateway. What it does not open counts as absent',
  ),
  CHARGE_WAIT_MS: whole(1, 60_000).default(5_000).describe('Wait for an outcome before 202 PENDING'),
  CHARGE_DEADLINE_MS: whole(1, 600_000)
    .default(30_000)
    .describe('A charge not decided within this time of its request is never executed'),
  DOUBLE_SPENDING_TIMEOUT: whole(0, 86_400)
    .default(300)
    .describe('Seconds for which an equal sale without a key is refused; 0 turns it off'),
  IDEMPOTENCY_TIMEOUT: whole(0, 31_536_000)
    .default(86_400)
    .describe('Seconds for which outcomes are also kept in Redis; the ledger keeps them for ever'),
  REQUIRE_IDEMPOTENCY_KEY: flag.default(false).describe('Refuse sales without an Idempotency-Key'),
});

export const gatewaySettings = baseSettings
  .refine((settings) => settings.CHARGE_DEADLINE_MS >= settings.CHARGE_WAIT_MS, {
    path: ['CHARGE_DEADLINE_MS'],
    message: 'must not be below CHARGE_WAIT_MS',
  })
  .refine(...lockTimeoutIsShorter);

export type GatewayConfig = z.output<typeof gatewaySettings>;

/** Throws ConfigError naming every bad variable. */
export function parseConfig(env: Record<string, string | undefined>): GatewayConfig {
  return parseSettings(gatewaySettings, env);
}
