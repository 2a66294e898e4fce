import { DEFAULT_LANES } from '@b2b-charge/contracts';
import {
  commonSettings,
  databaseSettings,
  databaseUrl,
  lockTimeoutIsShorter,
  parseSettings,
  redisUrl,
  secretKey,
  timeZone,
} from '@b2b-charge/runtime';
import { z } from 'zod';

const settings = z.object({
  ...commonSettings,
  ...databaseSettings({
    service: 'ledger',
    poolMax: 4,
    poolMin: 1,
    statementTimeoutMs: 10_000,
    lockTimeoutMs: 5_000,
    idleInTransactionTimeoutMs: 2_000,
  }),
  REPLICA_DATABASE_URL: databaseUrl
    .optional()
    .describe('A streaming replica of it: queries are answered there as long as it is as far as the primary'),
  REPLICA_WAIT_MS: z.coerce
    .number()
    .int()
    .min(0)
    .max(5_000)
    .default(50)
    .describe('How long a query waits for the replica to get as far, before it goes to the primary'),
  REDIS_URL: redisUrl.describe('Redis, for balance copies'),
  LANES: z.coerce
    .number()
    .int()
    .min(1)
    .max(1_024)
    .default(DEFAULT_LANES)
    .describe(
      'Partitions of the command log; stored at the first start, changed only by `npx b2b lanes repartition`',
    ),
  PHONE_SALT_KEY: secretKey.describe(
    'Key that derives the salt of a phone number whose publisher sent none: 32 random bytes in base64, the same for every ledger process, for ever',
  ),
  BUSINESS_TIMEZONE: timeZone
    .default('Asia/Tehran')
    .describe('Time zone of the business day that daily limits count by'),
  BATCH_LIMIT: z.coerce.number().int().min(1).max(512).default(512).describe('Commands committed at once'),
  LEASE_MS: z.coerce
    .number()
    .int()
    .min(1_000)
    .max(60_000)
    .default(5_000)
    .describe('Milliseconds after which a silent process loses its lanes'),
  INSPECT_MS: z.coerce
    .number()
    .int()
    .min(100)
    .max(60_000)
    .default(2_000)
    .describe('Milliseconds between two looks at the log for a rollback or a stalled reader'),
});

export type LedgerConfig = z.output<typeof settings>;
export const ledgerSettings = settings;

/** Throws ConfigError naming every bad variable. */
export const parseConfig = (env: Record<string, string | undefined>): LedgerConfig =>
  parseSettings(settings.refine(...lockTimeoutIsShorter), env);
