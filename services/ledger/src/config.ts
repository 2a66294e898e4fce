import { DEFAULT_LANES } from '@b2b-charge/contracts';
import { commonSettings, databaseUrl, parseSettings, redisUrl, timeZone } from '@b2b-charge/runtime';
import { z } from 'zod';

const settings = z.object({
  ...commonSettings,
  DATABASE_URL: databaseUrl.describe("PostgreSQL, as the ledger's own role"),
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
      'Partitions of the command log; stored at the first start, changed only by `npm run lanes -- repartition`',
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
  QUERY_CONNECTIONS: z.coerce
    .number()
    .int()
    .min(1)
    .max(100)
    .default(4)
    .describe('PostgreSQL connections for reading, to the primary and to the replica each'),
  STATEMENT_TIMEOUT_MS: z.coerce
    .number()
    .int()
    .min(100)
    .default(10_000)
    .describe('Longest that one statement or lock may take, in milliseconds'),
  IDLE_IN_TRANSACTION_MS: z.coerce
    .number()
    .int()
    .min(100)
    .default(2_000)
    .describe(
      'PostgreSQL ends the transaction of a process that was paused for longer than this, in milliseconds',
    ),
});

export type LedgerConfig = z.output<typeof settings>;
export const ledgerSettings = settings;

/** Throws ConfigError naming every bad variable. */
export const parseConfig = (env: Record<string, string | undefined>): LedgerConfig =>
  parseSettings(settings, env);
