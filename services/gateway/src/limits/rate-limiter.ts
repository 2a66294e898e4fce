import type { Redis } from 'ioredis';
import { LRUCache } from 'lru-cache';
import { RateLimiterMemory, RateLimiterRedis, RateLimiterRes } from 'rate-limiter-flexible';

export interface Verdict {
  readonly allowed: boolean;
  readonly limit: number;
  readonly remaining: number;
  readonly resetAtMs: number;
}

interface Lease {
  points: number;
  /** Left in Redis when the lease was taken. */
  readonly remaining: number;
  readonly resetAtMs: number;
}

interface RateLimiterOptions {
  readonly redis: Redis;
  readonly prefix: string;
  readonly defaultLimit: number;
  readonly windowS: number;
  now(): number;
}

/** Keys whose leases are remembered. */
const MAX_LEASES = 100_000;
/** Different limits in use at once; each has a limiter of its own. */
const MAX_LIMITS = 1_000;
/** A lease is this part of the limit, so that small limits are counted one by one. */
const LEASE_PART = 200;
const MAX_LEASE = 100;

/**
 * Requests per vendor and window, counted in Redis over all gateways; while Redis is away each gateway counts for
 * itself. A gateway takes points from Redis in small leases and spends them without a round trip each; what it has not
 * spent when the window ends is lost, at most half a percent of the limit.
 */
export class RateLimiter {
  readonly #options: RateLimiterOptions;
  readonly #leases = new LRUCache<string, Lease>({ max: MAX_LEASES });
  readonly #limiters: LRUCache<number, RateLimiterRedis>;

  constructor(options: RateLimiterOptions) {
    this.#options = options;
    this.#limiters = new LRUCache({ max: MAX_LIMITS, memoMethod: (limit) => this.#limiter(limit) });
  }

  #limiter(limit: number): RateLimiterRedis {
    const { redis, prefix, windowS } = this.#options;
    return new RateLimiterRedis({
      storeClient: redis,
      keyPrefix: `${prefix}rate`,
      points: limit,
      duration: windowS,
      rejectIfRedisNotReady: true,
      insuranceLimiter: new RateLimiterMemory({ points: limit, duration: windowS }),
    });
  }

  /** Takes `cost` points of a key: at once from its lease, or after a round trip. */
  consume(key: string, cost: number, limit = this.#options.defaultLimit): Verdict | Promise<Verdict> {
    const lease = this.#leases.get(`${limit}:${key}`);
    if (lease && lease.points >= cost && lease.resetAtMs > this.#options.now()) {
      lease.points -= cost;
      return verdict(true, limit, lease);
    }
    // A changed limit begins a count of its own.
    return this.#lease(`${limit}:${key}`, cost, limit);
  }

  async #lease(key: string, cost: number, limit: number): Promise<Verdict> {
    const wish = Math.max(cost, Math.min(MAX_LEASE, Math.floor(limit / LEASE_PART)));
    const result = await this.#limiters
      .memo(limit)
      .consume(key, wish)
      .catch((refused: unknown) => {
        if (refused instanceof RateLimiterRes) return refused;
        throw refused;
      });
    // A lease cut short by the limit is worth what was left.
    const granted = Math.max(0, Math.min(wish, limit - (result.consumedPoints - wish)));
    const lease: Lease = {
      points: granted >= cost ? granted - cost : granted,
      remaining: result.remainingPoints,
      resetAtMs: this.#options.now() + result.msBeforeNext,
    };
    if (lease.points > 0) this.#leases.set(key, lease);
    return verdict(granted >= cost, limit, lease);
  }
}

const verdict = (allowed: boolean, limit: number, lease: Lease): Verdict => ({
  allowed,
  limit,
  remaining: allowed ? lease.remaining + lease.points : 0,
  resetAtMs: lease.resetAtMs,
});
