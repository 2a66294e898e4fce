import { isIP } from 'node:net';
import {
  commaSeparated,
  commonSettings,
  databaseSettings,
  lockTimeoutIsShorter,
  parseSettings,
  whole,
} from '@b2b-charge/runtime';
import { z } from 'zod';

/** "10.0.0.0/8,fd00::/8" */
const networks = commaSeparated.transform((parts, context) =>
  parts.map((part) => {
    const [address = '', bits = '', ...rest] = part.split('/');
    const version = isIP(address);
    const max = version === 4 ? 32 : 128;
    if (version === 0 || rest.length > 0 || !/^\d{1,3}$/.test(bits) || Number(bits) > max)
      context.addIssue(`${part}: a network such as 10.0.0.0/8`);
    return { address, bits: Number(bits), family: version === 6 ? 'ipv6' : 'ipv4' } as const;
  }),
);

/** "443,8000-8999" */
const ports = commaSeparated.transform((parts, context) =>
  parts.map((part) => {
    const [from, to = from] = part.split('-').map(Number);
    if (!/^\d{1,5}(-\d{1,5})?$/.test(part) || from! < 1 || to! > 65_535 || from! > to!)
      context.addIssue(`${part}: a port, or a range such as 8000-8999`);
    return { from: from!, to: to! };
  }),
);

/** 32 bytes each, in base64. */
const keys = commaSeparated.transform((parts, context) =>
  parts.map((part) => {
    const key = Buffer.from(part, 'base64');
    if (key.length !== 32) context.addIssue('each key is 32 random bytes in base64');
    return key;
  }),
);

export const webhooksSettings = z.object({
  ...commonSettings,
  ...databaseSettings({
    service: 'webhooks',
    poolMax: 10,
    poolMin: 3,
    statementTimeoutMs: 10_000,
    lockTimeoutMs: 5_000,
    idleInTransactionTimeoutMs: 10_000,
  }),
  WEBHOOK_SECRET_KEY: keys.describe(
    'Key that seals the endpoints’ secrets in the database: 32 random bytes in base64. Several, separated by commas: the first seals, the others still open',
  ),
  WEBHOOK_ALLOW_HTTP: z
    .enum(['true', 'false'])
    .default('false')
    .transform((text) => text === 'true')
    .describe('Whether plain http:// is taken, too'),
  WEBHOOK_PORTS: ports.prefault('443,8443').describe('Ports that an endpoint may have, e.g. `443,8000-8999`'),
  WEBHOOK_ALLOW_PRIVATE: networks
    .prefault('')
    .describe('Private networks that endpoints may be in, e.g. `10.1.0.0/16`; all others are refused'),
  WEBHOOK_TIMEOUT_MS: whole(100, 60_000)
    .default(10_000)
    .describe('Of one attempt, from the name to the answer'),
  WEBHOOK_CONCURRENCY: whole(1, 1_000).default(32).describe('Endpoints that one process serves at once'),
  WEBHOOK_RETRY_FIRST_MS: whole(10, 60_000).default(5_000).describe('Pause after the first failure'),
  WEBHOOK_RETRY_MAX_MS: whole(10, 86_400_000).default(3_600_000).describe('Longest pause between attempts'),
  WEBHOOK_RETRY_FOR_MS: whole(100, 30 * 86_400_000)
    .default(86_400_000)
    .describe('After this time a delivery that still fails is dead'),
  WEBHOOK_DISABLE_AFTER_MS: whole(100, 90 * 86_400_000)
    .default(3 * 86_400_000)
    .describe('An endpoint that fails for this long, without one success, is disabled'),
  WEBHOOK_MAX_PER_VENDOR: whole(1, 100).default(5).describe('Endpoints that one vendor may have'),
  WEBHOOK_MAX_PENDING: whole(1, 10_000_000)
    .default(100_000)
    .describe('Deliveries that may wait for one endpoint; more are dead at once'),
  WEBHOOK_KEEP_DELIVERED_S: whole(1, 365 * 86_400)
    .default(7 * 86_400)
    .describe('How long a successful delivery is kept'),
  WEBHOOK_KEEP_DEAD_S: whole(1, 365 * 86_400)
    .default(30 * 86_400)
    .describe('How long a dead delivery is kept'),
  WEBHOOK_POLL_MS: whole(10, 60_000).default(500).describe('How often is looked for deliveries that are due'),
});

export type WebhooksConfig = z.output<typeof webhooksSettings>;

/** Throws ConfigError naming every bad variable. */
export function parseConfig(env: Record<string, string | undefined>): WebhooksConfig {
  return parseSettings(webhooksSettings.refine(...lockTimeoutIsShorter), env);
}
