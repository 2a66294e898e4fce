import type { Registry } from 'prom-client';
import { readCounter } from './registry.ts';

/** Counted by whoever looks something up in a cache. */
export interface CacheCounts {
  hits: number;
  misses: number;
}

export function cacheMetrics(registry: Registry, caches: () => Readonly<Record<string, CacheCounts>>): void {
  readCounter(
    registry,
    {
      name: 'b2b_cache_lookups_total',
      help: 'Lookups in a cache, by whether it was found there',
      labelNames: ['cache', 'result'],
    },
    () =>
      Object.entries(caches()).flatMap(([cache, { hits, misses }]) => [
        [{ cache, result: 'hit' }, hits] as const,
        [{ cache, result: 'miss' }, misses] as const,
      ]),
  );
}
