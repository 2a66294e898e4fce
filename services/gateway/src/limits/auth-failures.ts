import type { Redis } from 'ioredis';
import { RateLimiterMemory, RateLimiterRedis, RateLimiterRes } from 'rate-limiter-flexible';

/** Counts bad tokens per client address, over all gateways; each counts for itself while Redis is away. */
export class AuthFailures {
  readonly #limiter: RateLimiterRedis;

  constructor(options: { redis: Redis; prefix: string; points: number; windowS: number }) {
    const { redis, prefix, points, windowS } = options;
    this.#limiter = new RateLimiterRedis({
      storeClient: redis,
      keyPrefix: `${prefix}bad-tokens`,
      points,
      duration: windowS,
      rejectIfRedisNotReady: true,
      // An address over the limit costs no round trip until it may try again.
      inMemoryBlockOnConsumed: points + 1,
      insuranceLimiter: new RateLimiterMemory({ points, duration: windowS }),
    });
  }

  /** Milliseconds until the address may try again; 0 if it may now. */
  async blockedForMs(address: string): Promise<number> {
    const state = await this.#limiter.get(address);
    return state !== null && state.consumedPoints > this.#limiter.points
      ? Math.max(1, state.msBeforeNext)
      : 0;
  }

  async record(address: string): Promise<void> {
    await this.#limiter.consume(address).catch((refused: unknown) => {
      if (!(refused instanceof RateLimiterRes)) throw refused;
    });
  }
}
