import { commaSeparated, timeZone, whole } from '@b2b-charge/runtime';
import { isSupportedCountry } from 'libphonenumber-js/min';
import { z } from 'zod';

/** "true", "false", "1" or "0". */
export const flag = z.enum(['true', 'false', '1', '0']).transform((text) => text === 'true' || text === '1');

/** The settings that every service with an HTTP API has. */
export const httpSettings = {
  HOST: z.string().default('127.0.0.1').describe('Address of the HTTP API'),
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
    .describe('Time for which a stopping process still serves while its /ready fails'),
  AUTH_FAILURE_POINTS: whole(1, 1_000_000)
    .default(100)
    .describe('Requests without a valid token from one address per window and process before it gets 429'),
  RATE_LIMIT_POINTS: whole(1, 1_000_000_000)
    .default(600_000)
    .describe("Requests of one vendor per window, over all gateways; a vendor's own setting comes first"),
  RATE_LIMIT_WINDOW_S: whole(1, 86_400).default(60).describe('Window of the rate limit in seconds'),
  TOKEN_CACHE_MS: whole(0, 3_600_000)
    .default(60_000)
    .describe('Longest use of a looked-up token; revocations are published and take effect at once'),
  TOKEN_CACHE_SIZE: whole(1, 10_000_000).default(50_000).describe('Tokens remembered by one process'),
  LANES: whole(1, 1024).default(16).describe('Lanes of the command log; the same in every service'),
  MAX_IN_FLIGHT: whole(1, 100_000).default(4_096).describe('Commands awaiting their outcome at once'),
  LANE_LAG_LIMIT_MS: whole(1, 600_000)
    .default(3_000)
    .describe('Age of the oldest unanswered command of a lane above which new ones get 503'),
  BUSINESS_TIMEZONE: timeZone.default('Asia/Tehran').describe('Time zone of the business day'),
  DEFAULT_REGION: z
    .string()
    .refine(isSupportedCountry, 'a country code such as IR')
    .default('IR')
    .describe('Region of phone numbers written without a country code'),
};

export type HttpSettings = z.output<z.ZodObject<typeof httpSettings>>;
