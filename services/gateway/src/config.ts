import {
  commaSeparated,
  commonSettings,
  databaseSettings,
  lockTimeoutIsShorter,
  parseSettings,
  redisUrl,
  secretKey,
  timeZone,
  whole,
} from '@b2b-charge/runtime';
import { isSupportedCountry } from 'libphonenumber-js/min';
import { z } from 'zod';
import { MAX_PASSWORD_COST, PASSWORD_COST } from './console/operators/passwords.ts';

const flag = z.enum(['true', 'false', '1', '0']).transform((text) => text === 'true' || text === '1');

export const baseSettings = z.object({
  ...commonSettings,
  HOST: z.string().default('127.0.0.1').describe('Address of the HTTP API'),
  PORT: whole(0, 65_535).default(8000).describe('Port of the HTTP API; 0 takes a free one'),
  ...databaseSettings({
    service: 'gateway',
    poolMax: 5,
    poolMin: 1,
    statementTimeoutMs: 5_000,
    lockTimeoutMs: 2_000,
    idleInTransactionTimeoutMs: 5_000,
  }),
  REDIS_URL: redisUrl.describe('Redis: rate limits, replayed outcomes, the double-spend window'),
  REDIS_SEAL_KEY: secretKey.describe(
    'Key that seals the outcomes and deadlines cached in Redis: 32 random bytes in base64, the same for every gateway. What it does not open counts as absent',
  ),
  LANES: whole(1, 1024).default(16).describe('Lanes of the command log; the same in every service'),
  BUSINESS_TIMEZONE: timeZone.default('Asia/Tehran').describe('Time zone of the business day'),
  DEFAULT_REGION: z
    .string()
    .refine(isSupportedCountry, 'a country code such as IR')
    .default('IR')
    .describe('Region of phone numbers written without a country code'),
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
  MAX_IN_FLIGHT: whole(1, 100_000).default(4_096).describe('Commands awaiting their outcome at once'),
  LANE_LAG_LIMIT_MS: whole(1, 600_000)
    .default(3_000)
    .describe('Age of the oldest unanswered command of a lane above which new ones get 503'),
  ALLOWED_HOSTS: commaSeparated
    .default(['localhost', '127.0.0.1', '[::1]'])
    .describe('Host names served, separated by commas; ".example.com" includes subdomains, "*" is any'),
  TRUSTED_PROXIES: commaSeparated
    .default([])
    .describe('Addresses or CIDR blocks of proxies whose X-Forwarded-For is believed'),
  CORS_ORIGINS: commaSeparated.default([]).describe('Origins that browsers may call from; none by default'),
  MAX_BODY_BYTES: whole(1_024, 16_777_216).default(524_288).describe('Largest request body'),
  REQUEST_TIMEOUT_MS: whole(100, 600_000)
    .default(10_000)
    .describe('Time for a request to arrive, headers and body'),
  DRAIN_MS: whole(0, 60_000)
    .default(0)
    .describe('How long a gateway that is told to stop still serves, and says on /ready that it stops'),
  RATE_LIMIT_POINTS: whole(1, 1_000_000_000)
    .default(600_000)
    .describe("Requests of one vendor per window, over all gateways; a vendor's own setting comes first"),
  RATE_LIMIT_WINDOW_S: whole(1, 86_400).default(60).describe('Window of the rate limit in seconds'),
  AUTH_FAILURE_POINTS: whole(1, 1_000_000)
    .default(100)
    .describe('Requests without a valid token from one address per window and gateway before it gets 429'),
  TOKEN_CACHE_MS: whole(0, 3_600_000)
    .default(60_000)
    .describe('Longest use of a looked-up token; revocations are announced and take effect at once'),
  TOKEN_CACHE_SIZE: whole(1, 10_000_000).default(50_000).describe('Tokens remembered by one gateway'),
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

/** A low cost copied from a test's environment by itself does not start a gateway. */
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

export const gatewaySettings = baseSettings
  .refine((settings) => settings.CHARGE_DEADLINE_MS >= settings.CHARGE_WAIT_MS, {
    path: ['CHARGE_DEADLINE_MS'],
    message: 'must not be below CHARGE_WAIT_MS',
  })
  .refine(...lockTimeoutIsShorter)
  .refine(...passwordCostIsSafe);

export type GatewayConfig = z.output<typeof gatewaySettings>;

/** Throws ConfigError naming every bad variable. */
export function parseConfig(env: Record<string, string | undefined>): GatewayConfig {
  return parseSettings(gatewaySettings, env);
}
