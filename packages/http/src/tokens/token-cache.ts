import { timingSafeEqual } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { Principal } from './principal.ts';

interface TokenCacheOptions {
  /** The living tokens among these hashes. */
  find(hashes: readonly string[]): Promise<Map<string, Principal>>;
  readonly max: number;
  /** Longest time that a looked-up token is believed, in case a notice of its revocation gets lost. */
  readonly ttlMs: number;
}

/** Hashes looked up by one statement. */
const BATCH = 500;

/** Principals by hash of their token: a bounded memory in front of the database, where misses travel together. */
export class TokenCache {
  readonly #options: TokenCacheOptions;
  readonly #known: LRUCache<string, Principal>;
  /** Hashes being looked up; a flush forgets them too, so that an answer from before it is not kept. */
  #lookups = new Map<string, Promise<Principal | null>>();
  readonly counts = { hits: 0, misses: 0 };
  #gathering: { hashes: string[]; result: Promise<Map<string, Principal>> } | null = null;

  constructor(options: TokenCacheOptions) {
    this.#options = options;
    this.#known = new LRUCache({ max: options.max, ttl: options.ttlMs, ttlResolution: 100 });
  }

  get size(): number {
    return this.#known.size;
  }

  /** The principal if it is known and not expired; undefined sends the caller to `lookUp`. */
  peek(hash: string, nowMs: number): Principal | undefined {
    if (this.#options.ttlMs === 0) return undefined;
    const principal = this.#known.get(hash);
    if (principal && alive(principal, nowMs)) {
      this.counts.hits++;
      return principal;
    }
    this.counts.misses++;
    return undefined;
  }

  async lookUp(hash: string, nowMs: number): Promise<Principal | null> {
    let lookup = this.#lookups.get(hash);
    if (!lookup) {
      lookup = this.#find(hash);
      this.#lookups.set(hash, lookup);
    }
    const principal = await lookup;
    return principal && alive(principal, nowMs) && sameDigest(principal.hash, hash) ? principal : null;
  }

  async #find(hash: string): Promise<Principal | null> {
    const lookups = this.#lookups;
    try {
      const principal = (await this.#gather(hash)).get(hash) ?? null;
      if (principal && lookups === this.#lookups) this.#known.set(hash, principal);
      return principal;
    } finally {
      lookups.delete(hash);
    }
  }

  /** Joins the hashes of one turn of the event loop into one statement. */
  #gather(hash: string): Promise<Map<string, Principal>> {
    let batch = this.#gathering;
    if (!batch || batch.hashes.length >= BATCH) {
      const hashes: string[] = [];
      const result = new Promise<void>((resolve) => setImmediate(resolve)).then(() => {
        if (this.#gathering === batch) this.#gathering = null;
        return this.#options.find(hashes);
      });
      batch = { hashes, result };
      this.#gathering = batch;
    }
    batch.hashes.push(hash);
    return batch.result;
  }

  /** Forgets what a notice names; without a name, as when a notice may have been missed, everything. */
  forget({ hash, vendorId }: { hash?: string | undefined; vendorId?: number | undefined } = {}): void {
    if (hash !== undefined) this.#known.delete(hash);
    else if (vendorId === undefined) this.#known.clear();
    else {
      for (const [key, principal] of this.#known.entries()) {
        if (principal.role === 'vendor' && principal.vendorId === vendorId) this.#known.delete(key);
      }
    }
    this.#lookups = new Map();
    this.#gathering = null;
  }
}

const alive = (principal: Principal, nowMs: number): boolean =>
  principal.expiresAtMs === null || principal.expiresAtMs > nowMs;

/** In constant time: the index that found the row does not decide alone. */
const sameDigest = (a: string, b: string): boolean => timingSafeEqual(Buffer.from(a), Buffer.from(b));
