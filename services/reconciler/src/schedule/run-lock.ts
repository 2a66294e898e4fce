import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Redis } from 'ioredis';

/** A run is going on elsewhere. */
export class RunInProgressError extends Error {
  override name = 'RunInProgressError';
}

interface LockOptions {
  /** How long to wait for whoever runs; 0 gives up at once. */
  readonly waitMs: number;
}

/** The lock outlives a dead holder by this; a living one renews it three times as often. */
const LEASE_MS = 15_000;
const POLL_MS = 250;

const RELEASE = `if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0`;
const RENEW = `if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('PEXPIRE', KEYS[1], ARGV[2]) end return 0`;

/**
 * Runs `work` while no other replica runs. The lock saves work, it does not protect: a holder that was paused for too
 * long is stopped by the fence in PostgreSQL. With Redis away only that remains. Throws RunInProgressError.
 */
export async function withRunLock<T>(
  { redis, namespace }: { redis: Redis | null; namespace: string },
  { waitMs }: LockOptions,
  work: () => Promise<T>,
): Promise<T> {
  if (redis?.status !== 'ready') return work();
  const key = `${namespace}lock:audit`;
  const token = randomBytes(12).toString('hex');
  const giveUpAtMs = Date.now() + waitMs;
  while ((await redis.set(key, token, 'PX', LEASE_MS, 'NX')) === null) {
    if (Date.now() >= giveUpAtMs) throw new RunInProgressError('another audit is running');
    await sleep(POLL_MS);
  }
  const renewal = setInterval(() => {
    redis.eval(RENEW, 1, key, token, LEASE_MS).catch(() => {}); // the fence holds without it
  }, LEASE_MS / 3);
  try {
    return await work();
  } finally {
    clearInterval(renewal);
    await redis.eval(RELEASE, 1, key, token).catch(() => {});
  }
}
