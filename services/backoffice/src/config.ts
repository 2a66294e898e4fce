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
import { MAX_PASSWORD_COST, PASSWORD_COST } from './console/operators/passwords.ts';

export const baseSettings = z.object({
  ...commonSettings,
  ...httpSettings,
  PORT: whole(0, 65_535).default(8010).describe('Port of the console and the admin API; 0 takes a free one'),
  ...databaseSettings({
    service: 'backoffice',
    poolMax: 5,
    poolMin: 1,
    statementTimeoutMs: 5_000,
    lockTimeoutMs: 2_000,
    idleInTransactionTimeoutMs: 5_000,
  }),
  REDIS_URL: redisUrl.describe('Redis: sessions and wrong passwords'),
  REDIS_SEAL_KEY: secretKey.describe(
    'Key that seals the sessions in Redis: 32 random bytes in base64, the same for every back office',
  ),
  COMMAND_WAIT_MS: whole(1, 60_000)
    .default(5_000)
    .describe('Wait for the outcome of a command before 202 PENDING'),
  COMMAND_DEADLINE_MS: whole(1, 600_000)
    .default(30_000)
    .describe('A command not decided within this time of its request is never executed'),
  ADMIN_BOOTSTRAP_TOKEN: z
    .string()
    .regex(/^[A-Za-z0-9_-]{32,200}$/, '32 to 200 letters, digits, "_" and "-"')
    .optional()
    .describe('A first admin token, stored hashed at start'),
  CONSOLE_IDLE_MINUTES: whole(1, 1_440)
    .default(30)
    .describe('Minutes after which an unused session of the console ends'),
  CONSOLE_SESSION_HOURS: whole(1, 168)
    .default(12)
    .describe('Hours after which any session of the console ends'),
  CONSOLE_SIGN_IN_FAILURES: whole(1, 1_000)
    .default(5)
    .describe('Wrong passwords for one name before it has to wait; an address has ten times as many'),
  CONSOLE_LOCK_OUT_S: whole(1, 900)
    .default(30)
    .describe('Seconds of that wait; each further failure doubles it, up to 15 minutes'),
  CONSOLE_PASSWORD_COST: whole(10, MAX_PASSWORD_COST)
    .default(PASSWORD_COST)
    .describe('Cost of the hash of a new password: log2 of N of scrypt, 15 is 32 MiB'),
  CONSOLE_ALLOW_WEAK_PASSWORD_COST: flag
    .default(false)
    .describe('Accept a cost below 15; for tests only, because such hashes are quick to guess'),
});

/** A low cost copied from a test's environment by itself does not start a back office. */
export const passwordCostIsSafe: [
  holds: (settings: { CONSOLE_PASSWORD_COST: number; CONSOLE_ALLOW_WEAK_PASSWORD_COST: boolean }) => boolean,
  otherwise: { path: string[]; message: string },
] = [
  (settings) => settings.CONSOLE_PASSWORD_COST >= PASSWORD_COST || settings.CONSOLE_ALLOW_WEAK_PASSWORD_COST,
  {
    path: ['CONSOLE_PASSWORD_COST'],
    message: `must be at least ${PASSWORD_COST}, unless CONSOLE_ALLOW_WEAK_PASSWORD_COST is set`,
  },
];

export const backofficeSettings = baseSettings
  .refine((settings) => settings.COMMAND_DEADLINE_MS >= settings.COMMAND_WAIT_MS, {
    path: ['COMMAND_DEADLINE_MS'],
    message: 'must not be below COMMAND_WAIT_MS',
  })
  .refine(...lockTimeoutIsShorter)
  .refine(...passwordCostIsSafe);

export type BackofficeConfig = z.output<typeof backofficeSettings>;

/** Throws ConfigError naming every bad variable. */
export function parseConfig(env: Record<string, string | undefined>): BackofficeConfig {
  return parseSettings(backofficeSettings, env);
}
