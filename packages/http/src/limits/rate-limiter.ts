import type { Redis } from 'ioredis';
import { LRUCache } from 'lru-cache';
import { RateLimiterMemory, RateLimiterRedis, RateLimiterRes } from 'rate-limiter-flexible';

export interface Verdict {
  readonly allowed: boolean;
  readonly limit: number;
  readonly remaining: number;
  readonly resetAtMs: number;
}

/** Whose requests are counted: a vendor's id. */
type Key = number | string;

/** Points taken from Redis and not yet spent. */
interface Lease {
  readonly limit: number;
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

/** Vendors whose leases are remembered. */
const MAX_LEASES = 100_000;
/** Different limits in use at once; each has a limiter of its own. */
const MAX_LIMITS = 1_000;
/** A lease is this part of the limit, so that small limits are counted one by one. */
const LEASE_PART = 200;
const MAX_LEASE = 100;

/**
 * Counts as the library's own script does. What cannot be a count of ours (another type, no number, no end, an end beyond
 * the window) is replaced by 0: a planted value locks nobody out for longer than a window.
 * KEYS: the counter. ARGV: points, seconds of the window. Returns the count and the ms to its end.
 */
const COUNT = `local text = redis.call('TYPE', KEYS[1]).ok == 'string' and redis.call('GET', KEYS[1]) or ''
local ttl = redis.call('PTTL', KEYS[1])
if #text > 15 or not string.match(text, '^%d+$') or ttl < 1 or ttl > 1000 * ARGV[2] then
  redis.call('SET', KEYS[1], 0, 'EX', ARGV[2])
  ttl = 1000 * ARGV[2]
end
return { redis.call('INCRBY', KEYS[1], ARGV[1]), ttl }`;

/**
 * Requests per vendor and window, counted in Redis over all gateways; while Redis is away each gateway counts for
 * itself. A gateway takes points from Redis in small leases and spends them without a round trip each; what it has not
 * spent when the window ends is lost, at most half a percent of the limit.
 */
export class RateLimiter {
  readonly #options: RateLimiterOptions;
  readonly #leases = new LRUCache<Key, Lease>({ max: MAX_LEASES });
  readonly #fetching = new Map<Key, Promise<void>>();
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
      customIncrTtlLuaScript: COUNT,
      insuranceLimiter: new RateLimiterMemory({ points: limit, duration: windowS }),
    });
  }

  /** Takes `cost` points of a vendor: at once from its lease, or after a round trip. */
  consume(key: Key, cost: number, limit = this.#options.defaultLimit): Verdict | Promise<Verdict> {
    return this.#spend(key, cost, limit) ?? this.#spendLater(key, cost, limit);
  }

  /** Null if Redis has to be asked. */
  #spend(key: Key, cost: number, limit: number): Verdict | null {
    const lease = this.#leases.get(key);
    if (!lease || lease.limit !== limit || lease.resetAtMs <= this.#options.now()) return null;
    if (lease.points >= cost) {
      lease.points -= cost;
      return verdict(true, lease);
    }
    return lease.remaining > 0 ? null : verdict(false, lease);
  }

  /** Of those who find a lease spent, one fetches the next and the others wait along. */
  async #spendLater(key: Key, cost: number, limit: number): Promise<Verdict> {
    for (;;) {
      let fetching = this.#fetching.get(key);
      if (!fetching) {
        fetching = this.#fetch(key, cost, limit).finally(() => this.#fetching.delete(key));
        this.#fetching.set(key, fetching);
      }
      await fetching;
      const verdict = this.#spend(key, cost, limit);
      if (verdict) return verdict;
    }
  }

  async #fetch(key: Key, cost: number, limit: number): Promise<void> {
    const wish = Math.max(cost, Math.min(MAX_LEASE, Math.floor(limit / LEASE_PART)));
    const result = await this.#limiters
      .memo(limit)
      // A changed limit begins a count of its own.
      .consume(`${limit}:${key}`, wish)
      .catch((refused: unknown) => {
        if (refused instanceof RateLimiterRes) return refused;
        throw refused;
      });
    // A lease cut short by the limit is worth what was left.
    const granted = Math.max(0, Math.min(wish, limit - (result.consumedPoints - wish)));
    const now = this.#options.now();
    const before = this.#leases.get(key);
    const kept = before?.limit === limit && before.resetAtMs > now ? before.points : 0;
    this.#leases.set(key, {
      limit,
      points: kept + granted,
      remaining: result.remainingPoints,
      resetAtMs: now + result.msBeforeNext,
    });
  }
}

const verdict = (allowed: boolean, { limit, remaining, points, resetAtMs }: Lease): Verdict => ({
  allowed,
  limit,
  remaining: remaining + points,
  resetAtMs,
});
