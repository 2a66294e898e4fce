import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Redis } from 'ioredis';

/** The seed's own bound on holding the lock. */
const LOCK_MS = 5_000;
const WAIT_MS = 10_000;
const FIRST_PAUSE_MS = 2;
const LONGEST_PAUSE_MS = 32;

const RELEASE = `if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) end return 0`;

/**
 * One request per vendor at a time, by a lock in Redis: taken by SET NX with a token of one's own and a time-out, given
 * back only by its holder, retried after a short, growing, random pause. Null if it cannot be had in time.
 */
export function createVendorLock(redis: Redis) {
  redis.defineCommand('releaseLock', { numberOfKeys: 1, lua: RELEASE });
  const scripted = redis as Redis & { releaseLock(key: string, token: string): Promise<number> };
  return async function locked<T>(vendorId: number, work: () => Promise<T>): Promise<T | null> {
    const key = `naive:lock:${vendorId}`;
    const token = randomUUID();
    const deadline = Date.now() + WAIT_MS;
    let pauseMs = FIRST_PAUSE_MS;
    while ((await redis.set(key, token, 'PX', LOCK_MS, 'NX')) === null) {
      if (Date.now() > deadline) return null;
      await sleep(pauseMs * (0.5 + Math.random()));
      pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS);
    }
    try {
      return await work();
    } finally {
      await scripted.releaseLock(key, token);
    }
  };
}
