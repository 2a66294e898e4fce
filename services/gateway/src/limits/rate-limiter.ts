import type { Redis } from 'ioredis';
import { LRUCache } from 'lru-cache';
import { RateLimiterMemory, RateLimiterRedis, RateLimiterRes } from 'rate-limiter-flexible';

export interface Verdict {
  readonly allowed: boolean;
  readonly limit: number;
  readonly remaining: number;
  readonly resetAtMs: number;
}

/** Points taken from Redis and not yet spent. */
interface Lease {
  points: number;
  /** Left in Redis when the lease was taken; none left means that this lease is the last of the window. */
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
  readonly #fetching = new Map<string, Promise<void>>();
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
    // A changed limit begins a count of its own.
    const place = `${limit}:${key}`;
    return this.#spend(place, cost, limit) ?? this.#spendLater(place, cost, limit);
  }

  /** Null if Redis has to be asked. */
  #spend(place: string, cost: number, limit: number): Verdict | null {
    const lease = this.#leases.get(place);
    if (!lease || lease.resetAtMs <= this.#options.now()) return null;
    if (lease.points >= cost) {
      lease.points -= cost;
      return verdict(true, limit, lease);
    }
    return lease.remaining > 0 ? null : verdict(false, limit, lease);
  }

  /** Of those who find a lease spent, one fetches the next and the others wait along. */
  async #spendLater(place: string, cost: number, limit: number): Promise<Verdict> {
    for (;;) {
      let fetching = this.#fetching.get(place);
      if (!fetching) {
        fetching = this.#fetch(place, cost, limit).finally(() => this.#fetching.delete(place));
        this.#fetching.set(place, fetching);
      }
      await fetching;
      const verdict = this.#spend(place, cost, limit);
      if (verdict) return verdict;
    }
  }

  async #fetch(place: string, cost: number, limit: number): Promise<void> {
    const wish = Math.max(cost, Math.min(MAX_LEASE, Math.floor(limit / LEASE_PART)));
    const result = await this.#limiters
      .memo(limit)
      .consume(place, wish)
      .catch((refused: unknown) => {
        if (refused instanceof RateLimiterRes) return refused;
        throw refused;
      });
    // A lease cut short by the limit is worth what was left.
    const granted = Math.max(0, Math.min(wish, limit - (result.consumedPoints - wish)));
    const resetAtMs = this.#options.now() + result.msBeforeNext;
    const before = this.#leases.get(place);
    const kept = before && before.resetAtMs > this.#options.now() ? before.points : 0;
    this.#leases.set(place, { points: kept + granted, remaining: result.remainingPoints, resetAtMs });
  }
}

const verdict = (allowed: boolean, limit: number, lease: Lease): Verdict => ({
  allowed,
  limit,
  remaining: lease.remaining + lease.points,
  resetAtMs: lease.resetAtMs,
});
