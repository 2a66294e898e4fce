import { LRUCache } from 'lru-cache';

/** Addresses counted at once; beyond that the one that was seen longest ago is forgotten. */
const MAX_ADDRESSES = 50_000;

interface Count {
  failures: number;
  readonly endsAtMs: number;
}

interface Options {
  readonly points: number;
  readonly windowS: number;
  now(): number;
}

/**
 * Counts requests without a valid token by client address, in this process only. A shared counter would be one more value
 * in Redis to believe, and what it protects, this gateway's log and its look-ups, is this gateway's own.
 */
export class AuthFailures {
  readonly #options: Options;
  readonly #counts = new LRUCache<string, Count>({ max: MAX_ADDRESSES });

  constructor(options: Options) {
    this.#options = options;
  }

  /** Milliseconds until the address may try again; 0 if it may now. */
  blockedForMs(address: string): number {
    const count = this.#count(address);
    return count && count.failures > this.#options.points ? count.endsAtMs - this.#options.now() : 0;
  }

  record(address: string): void {
    const count = this.#count(address);
    if (count) count.failures++;
    else {
      const endsAtMs = this.#options.now() + this.#options.windowS * 1_000;
      this.#counts.set(address, { failures: 1, endsAtMs });
    }
  }

  #count(address: string): Count | undefined {
    const count = this.#counts.get(address);
    return count && count.endsAtMs > this.#options.now() ? count : undefined;
  }
}
