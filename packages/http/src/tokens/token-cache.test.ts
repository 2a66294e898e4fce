import type { VendorId } from '@b2b-charge/contracts';
import { expect, test } from 'vitest';
import type { VendorPrincipal } from './principal.ts';
import { TokenCache } from './token-cache.ts';

const principal = (hash: string, vendorId = 1, expiresAtMs: number | null = null): VendorPrincipal => ({
  role: 'vendor',
  tokenId: 1,
  hash,
  vendorId: vendorId as VendorId,
  readOnly: false,
  expiresAtMs,
  rateLimit: null,
  requireIdempotencyKey: null,
});

/** A cache over a table that the test holds, and the lookups that reached it. */
function cacheOver(table: Map<string, VendorPrincipal>, max = 10) {
  const lookups: string[][] = [];
  const cache = new TokenCache({
    find: async (hashes) => {
      lookups.push([...hashes]);
      return new Map([...table].filter(([hash]) => hashes.includes(hash)));
    },
    max,
    ttlMs: 60_000,
  });
  return { cache, lookups };
}

test('misses of one moment are one lookup, and a token is looked up once', async () => {
  const { cache, lookups } = cacheOver(new Map([['a', principal('a')]]));
  const found = await Promise.all(['a', 'b', 'a', 'c'].map((hash) => cache.lookUp(hash, 0)));
  expect(found.map((one) => one?.hash)).toEqual(['a', undefined, 'a', undefined]);
  expect(lookups).toEqual([['a', 'b', 'c']]);
  expect(cache.peek('a', 0)?.hash).toBe('a');
  expect(cache.peek('b', 0)).toBeUndefined();
});

test('an expired token is none, though it is remembered', async () => {
  const { cache } = cacheOver(new Map([['a', principal('a', 1, 1_000)]]));
  expect(await cache.lookUp('a', 999)).not.toBeNull();
  expect(cache.peek('a', 999)).toBeDefined();
  expect(cache.peek('a', 1_000)).toBeUndefined();
  expect(await cache.lookUp('a', 1_000)).toBeNull();
});

test('what a notice names is forgotten, and nothing else', async () => {
  const table = new Map([
    ['a', principal('a', 1)],
    ['b', principal('b', 1)],
    ['c', principal('c', 2)],
  ]);
  const { cache } = cacheOver(table);
  const known = () => ['a', 'b', 'c'].filter((hash) => cache.peek(hash, 0));
  for (const hash of table.keys()) await cache.lookUp(hash, 0);
  cache.forget({ hash: 'a' });
  expect(known()).toEqual(['b', 'c']);
  cache.forget({ vendorId: 1 });
  expect(known()).toEqual(['c']);
  cache.forget();
  expect(known()).toEqual([]);
});

test('an answer from before a notice is not remembered after it', async () => {
  const { promise, resolve } = Promise.withResolvers<Map<string, VendorPrincipal>>();
  const cache = new TokenCache({ find: () => promise, max: 10, ttlMs: 60_000 });
  const asked = cache.lookUp('a', 0);
  await new Promise((done) => setImmediate(done));
  cache.forget({ hash: 'a' });
  resolve(new Map([['a', principal('a')]]));
  await asked;
  expect(cache.peek('a', 0)).toBeUndefined();
});

test('its memory is bounded', async () => {
  const hashes = Array.from({ length: 100 }, (_, index) => `hash-${index}`);
  const { cache } = cacheOver(new Map(hashes.map((hash) => [hash, principal(hash)])), 10);
  for (const hash of hashes) await cache.lookUp(hash, 0);
  expect(cache.size).toBe(10);
});

test('a failed lookup is not remembered as an answer', async () => {
  let fails = true;
  const cache = new TokenCache({
    find: async () => {
      if (fails) throw new Error('away');
      return new Map([['a', principal('a')]]);
    },
    max: 10,
    ttlMs: 60_000,
  });
  await expect(cache.lookUp('a', 0)).rejects.toThrow('away');
  fails = false;
  expect(await cache.lookUp('a', 0)).not.toBeNull();
});
