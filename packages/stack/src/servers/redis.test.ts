import { Redis } from 'ioredis';
import { expect, test } from 'vitest';
import { temporaryServerOptions } from '../testing/server-options.ts';
import { startRedis } from './redis.ts';

async function withRedis<T>(url: string, use: (redis: Redis) => Promise<T>): Promise<T> {
  const redis = new Redis(url, { lazyConnect: true, retryStrategy: () => null });
  redis.on('error', () => {});
  try {
    await redis.connect();
    return await use(redis);
  } finally {
    redis.disconnect();
  }
}

test.each([
  ['kept', true, '1'],
  ['gone', false, null],
])('a key is %s after SIGKILL when persistent is %s', async (_, persistent, expected) => {
  await using options = temporaryServerOptions();
  const server = await startRedis({ ...options, persistent });
  await withRedis(server.url, (redis) => redis.set('key', '1'));
  await server.kill('SIGKILL');
  await server.restart();
  expect(await withRedis(server.url, (redis) => redis.get('key'))).toBe(expected);
});

test('its memory has a bound, at which nothing is refused', async () => {
  await using options = temporaryServerOptions();
  const server = await startRedis({ ...options, persistent: false });
  await withRedis(server.url, async (redis) => {
    expect(await redis.config('GET', 'maxmemory')).toEqual(['maxmemory', String(384 * 1024 ** 2)]);
    expect(await redis.config('GET', 'maxmemory-policy')).toEqual(['maxmemory-policy', 'allkeys-lru']);
    // Room for less than is written. Which key goes is not asked: Redis looks at a few by chance, and counts in seconds.
    await redis.config('SET', 'maxmemory', '4mb');
    const value = 'x'.repeat(1_000);
    for (let from = 0; from < 8_000; from += 1_000) {
      await redis.mset(Array.from({ length: 1_000 }, (_, n) => [`key-${from + n}`, value]).flat());
    }
    expect(await redis.dbsize()).toBeLessThan(8_000);
    expect(await redis.dbsize()).toBeGreaterThan(1_000);
  });
});

test('no password, no entry', async () => {
  await using options = temporaryServerOptions();
  const server = await startRedis(options);
  const withoutPassword = server.url.replace(/:[^:@]*@/, '');
  await expect(withRedis(withoutPassword, (redis) => redis.get('key'))).rejects.toThrow();
  expect(await withRedis(server.url, (redis) => redis.get('key'))).toBeNull();
});
