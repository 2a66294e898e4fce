import type { LineLog, Logger, RefusalLog, Tracing } from '@b2b-charge/runtime';
import type { AuthFailures } from './limits/auth-failures.ts';
import type { RateLimiter } from './limits/rate-limiter.ts';
import type { HttpMetrics } from './metrics.ts';
import type { HttpSettings } from './settings.ts';
import type { LastUse } from './tokens/last-use.ts';
import type { TokenCache } from './tokens/token-cache.ts';

/** The parts of a service that the pipeline of its routes needs. */
export interface HttpService {
  readonly config: Pick<
    HttpSettings,
    'MAX_BODY_BYTES' | 'ALLOWED_HOSTS' | 'TRUSTED_PROXIES' | 'CORS_ORIGINS'
  >;
  readonly log: Logger;
  readonly tokens: TokenCache;
  readonly lastUse: LastUse;
  /** Null in a service that vendors do not call. */
  readonly limiter: RateLimiter | null;
  readonly authFailures: AuthFailures;
  readonly metrics: HttpMetrics;
  readonly securityLog: LineLog;
  /** Refusals that anybody can cause, in the same file. */
  readonly refusals: RefusalLog;
  /** Null if no traces are collected. */
  readonly tracing: Tracing | null;
  now(): number;
}
