import type { Logger } from '@b2b-charge/runtime';
import { Redis } from 'ioredis';
import type { VendorState } from '../domain/vendor-state.ts';

/** Copies are refreshed before the replies go out, but Redis may not hold the replies up for longer than this. */
const TIMEOUT_MS = 100;
/** After a failure Redis is left alone for this long. */
const REST_MS = 1_000;

/** KEYS: one hash per vendor. ARGV: seq and balance for each. An older copy never replaces a newer one. */
const SET_IF_NEWER = `
for i, key in ipairs(KEYS) do
  local seq = ARGV[2 * i - 1]
  local known = redis.call('HGET', key, 'seq')
  if not known or tonumber(known) < tonumber(seq) then
    redis.call('HSET', key, 'seq', seq, 'balance', ARGV[2 * i])
  end
end`;

interface ScriptedRedis extends Redis {
  setIfNewer(keyCount: number, ...keysAndArguments: (string | number)[]): Promise<void>;
}

/** Balances in Redis for fast reading: `<namespace>balance:<vendor>` = { seq, balance (minor units) }. */
export class BalanceCopies implements AsyncDisposable {
  readonly #redis: ScriptedRedis;
  readonly #namespace: string;
  readonly #logger: Logger;
  #restUntilMs = 0;

  constructor(url: string, namespace: string, logger: Logger) {
    this.#namespace = namespace;
    this.#logger = logger;
    this.#redis = new Redis(url, {
      enableOfflineQueue: false,
      commandTimeout: TIMEOUT_MS,
      maxRetriesPerRequest: 0,
      retryStrategy: (attempts) => Math.min(attempts * 50, 1_000),
    }) as ScriptedRedis;
    this.#redis.defineCommand('setIfNewer', { lua: SET_IF_NEWER });
    this.#redis.on('error', () => {}); // told when a refresh fails
  }

  /** As ioredis says it. */
  get status(): string {
    return this.#redis.status;
  }

  /** Never throws: a lost copy costs speed only. */
  async refresh(vendors: Iterable<VendorState>): Promise<void> {
    const keys: string[] = [];
    const values: (string | number)[] = [];
    for (const { vendorId, seq, balance } of vendors) {
      keys.push(`${this.#namespace}balance:${vendorId}`);
      values.push(seq, balance.toString());
    }
    if (keys.length === 0 || Date.now() < this.#restUntilMs) return;
    try {
      await this.#redis.setIfNewer(keys.length, ...keys, ...values);
    } catch (error) {
      this.#restUntilMs = Date.now() + REST_MS;
      this.#logger.warn({ err: error }, 'Redis is away: balances are served from PostgreSQL');
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#redis.disconnect();
  }
}
