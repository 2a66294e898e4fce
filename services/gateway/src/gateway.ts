import type { Ask } from '@b2b-charge/http/ask';
import type { CommandDesk } from '@b2b-charge/http/commands/command-desk';
import type { HttpService } from '@b2b-charge/http/http-service';
import type { RateLimiter } from '@b2b-charge/http/limits/rate-limiter';
import type { LineLog } from '@b2b-charge/runtime';
import type { ChargeDesk } from './charges/sell.ts';
import type { GatewayConfig } from './config.ts';
import type { HealthReport } from './health.ts';
import type { GatewayMetrics } from './metrics.ts';

/** What the routes work with. */
export interface Gateway extends HttpService {
  readonly config: GatewayConfig;
  readonly commands: CommandDesk;
  readonly charges: ChargeDesk;
  readonly limiter: RateLimiter;
  readonly metrics: GatewayMetrics;
  readonly transactionsLog: LineLog;
  /** Calls another service. Throws Refusal: its own code as the API's. */
  readonly ask: Ask;
  /** Age of the oldest command of this gateway that has no answer yet, over all lanes. */
  laneLagMs(): number;
  health(): Promise<HealthReport>;
}
