import type { LineLog, Logger, RefusalLog, Tracing } from '@b2b-charge/runtime';
import type { Kysely } from 'kysely';
import type { Ask } from './ask.ts';
import type { CommandDesk } from './charges/command-desk.ts';
import type { ChargeDesk } from './charges/sell.ts';
import type { GatewayConfig } from './config.ts';
import type { GatewayDatabase } from './db/schema.ts';
import type { HealthReport } from './health.ts';
import type { AuthFailures } from './limits/auth-failures.ts';
import type { RateLimiter } from './limits/rate-limiter.ts';
import type { GatewayMetrics } from './metrics.ts';
import type { LastUse } from './tokens/last-use.ts';
import type { Change } from './tokens/notices.ts';
import type { TokenCache } from './tokens/token-cache.ts';

/** What the routes work with. */
export interface Gateway {
  readonly config: GatewayConfig;
  readonly log: Logger;
  readonly db: Kysely<GatewayDatabase>;
  readonly commands: CommandDesk;
  readonly charges: ChargeDesk;
  readonly tokens: TokenCache;
  readonly lastUse: LastUse;
  readonly limiter: RateLimiter;
  readonly authFailures: AuthFailures;
  readonly metrics: GatewayMetrics;
  readonly transactionsLog: LineLog;
  readonly securityLog: LineLog;
  /** Refusals that anybody can cause, in the same file. */
  readonly refusals: RefusalLog;
  /** Null where nobody collects traces. */
  readonly tracing: Tracing | null;
  now(): number;
  /** Calls another service. Throws Refusal: its own code as the API's. */
  readonly ask: Ask;
  /** Tells all gateways, this one first, that a token ended or a vendor's settings changed. */
  announce(change: Change): Promise<void>;
  /** Age of the oldest command of this gateway that has no answer yet, over all lanes. */
  laneLagMs(): number;
  health(): Promise<HealthReport>;
}
