import type { ServiceName } from '@b2b-charge/contracts';
import { z } from 'zod';
import type { PoolOptions } from './database.ts';

export const databaseUrl = z.string().regex(/^postgres(ql)?:\/\//, 'a postgresql:// URL');
const ms = (min: number, preset: number) => z.coerce.number().int().min(min).max(3_600_000).default(preset);

interface Presets {
  readonly service: ServiceName;
  readonly poolMax: number;
  /** What the service cannot do without. */
  readonly poolMin: number;
  readonly statementTimeoutMs: number;
  readonly lockTimeoutMs: number;
  readonly idleInTransactionTimeoutMs: number;
}

/** How a service uses PostgreSQL: the same settings everywhere, with the defaults that suit it. None can be turned off. */
export const databaseSettings = (preset: Presets) => ({
  DATABASE_URL: databaseUrl.describe(`PostgreSQL, as the role b2b_${preset.service}`),
  DATABASE_POOL_MAX: z.coerce
    .number()
    .int()
    .min(preset.poolMin)
    .max(100)
    .default(preset.poolMax)
    .describe(
      `Connections to PostgreSQL that one process holds at most${preset.service === 'ledger' ? ', besides the one that writes' : ''}`,
    ),
  CLOCK_OFFSET_LIMIT_MS: z.coerce
    .number()
    .int()
    .min(100)
    .max(60_000)
    .default(2_000)
    .describe(
      'Largest difference between the clocks of this process and of PostgreSQL, in milliseconds; beyond it the process is not ready, and a gateway sells nothing',
    ),
  DATABASE_POOLER: z
    .enum(['none', 'transaction'])
    .default('none')
    .describe(
      '`transaction`: DATABASE_URL leads to a pooler in transaction mode, such as PgBouncer. No statement is named then, and statement, lock and idle transaction time-outs must be the role’s own',
    ),
  DATABASE_STATEMENT_TIMEOUT_MS: ms(100, preset.statementTimeoutMs).describe(
    'Longest that one statement may take, in milliseconds',
  ),
  DATABASE_LOCK_TIMEOUT_MS: ms(10, preset.lockTimeoutMs).describe(
    'Longest wait for one lock, in milliseconds; below DATABASE_STATEMENT_TIMEOUT_MS, so that the two are told apart',
  ),
  DATABASE_IDLE_IN_TRANSACTION_TIMEOUT_MS: ms(100, preset.idleInTransactionTimeoutMs).describe(
    'PostgreSQL ends a transaction in which nothing happened for this long (a process that was paused), in milliseconds',
  ),
  DATABASE_CONNECT_TIMEOUT_MS: ms(100, 5_000).describe(
    'Longest wait for a connection, a new one or one of the pool, in milliseconds',
  ),
  DATABASE_IDLE_TIMEOUT_MS: ms(100, 30_000).describe(
    'The pool closes a connection that was not used for this long, in milliseconds',
  ),
});

export type DatabaseSettings = z.output<z.ZodObject<ReturnType<typeof databaseSettings>>>;

/** For a schema's `refine`: a lock that is waited for as long as a statement may take would count as a bad statement. */
export const lockTimeoutIsShorter: [
  holds: (settings: DatabaseSettings) => boolean,
  otherwise: { path: string[]; message: string },
] = [
  (settings) => settings.DATABASE_LOCK_TIMEOUT_MS < settings.DATABASE_STATEMENT_TIMEOUT_MS,
  { path: ['DATABASE_LOCK_TIMEOUT_MS'], message: 'must be below DATABASE_STATEMENT_TIMEOUT_MS' },
];

export const databaseFrom = (
  settings: DatabaseSettings,
): Required<Omit<PoolOptions, 'applicationName' | 'balanced'>> => ({
  url: settings.DATABASE_URL,
  max: settings.DATABASE_POOL_MAX,
  statementTimeoutMs: settings.DATABASE_STATEMENT_TIMEOUT_MS,
  lockTimeoutMs: settings.DATABASE_LOCK_TIMEOUT_MS,
  idleInTransactionTimeoutMs: settings.DATABASE_IDLE_IN_TRANSACTION_TIMEOUT_MS,
  connectTimeoutMs: settings.DATABASE_CONNECT_TIMEOUT_MS,
  pooled: settings.DATABASE_POOLER === 'transaction',
  idleTimeoutMs: settings.DATABASE_IDLE_TIMEOUT_MS,
});
