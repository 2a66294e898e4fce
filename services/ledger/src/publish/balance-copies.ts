import { balanceCopyKey, redisPrefix, type VendorId } from '@b2b-charge/contracts';
import type { Logger } from '@b2b-charge/runtime';
import { Redis } from 'ioredis';
import type { VendorState } from '../domain/vendor-state.ts';

const TIMEOUT_MS = 1_000;
/** Nobody waits for a copy: what changes within this time is one command, and a vendor in it once. */
const GATHER_MS = 20;
/** After a failure Redis is left alone for this long. */
const REST_MS = 1_000;
const VENDORS_PER_COMMAND = 1_000;
/** Vendors remembered while Redis is away; beyond that the longest waiting are forgotten, and lag until they sell again. */
const LIMIT = 100_000;

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

/**
 * Balances in Redis for fast reading: `<namespace>:balance:<vendor>` = { seq, balance (minor units) }. They follow the
 * commit by milliseconds; while Redis is away they wait.
 */
export class BalanceCopies implements AsyncDisposable {
  readonly #redis: ScriptedRedis;
  readonly #prefix: string;
  readonly #logger: Logger;
  readonly #changed = new Map<VendorId, Pick<VendorState, 'seq' | 'balance'>>();
  #timer: NodeJS.Timeout | null = null;
  #writing = false;
  #away = false;

  constructor(url: string, namespace: string, logger: Logger) {
    this.#prefix = redisPrefix(namespace);
    this.#logger = logger;
    this.#redis = new Redis(url, {
      enableOfflineQueue: false,
      commandTimeout: TIMEOUT_MS,
      maxRetriesPerRequest: 0,
      maxLoadingRetryTime: 250,
      // The answer of a replica: after a failover the name of the server leads to the new primary.
      reconnectOnError: (error) => error.message.includes('READONLY'),
      retryStrategy: (attempts) => Math.min(attempts * 50, 1_000),
    }) as ScriptedRedis;
    this.#redis.defineCommand('setIfNewer', { lua: SET_IF_NEWER });
    this.#redis.on('error', () => {}); // told when a refresh fails
    this.#redis.on('ready', () => this.#schedule(0));
  }

  /** Of the connection, as ioredis names it. */
  get status(): string {
    return this.#redis.status;
  }

  /** Never throws: a lost copy costs speed only. */
  refresh(vendors: Iterable<VendorState>): void {
    for (const { vendorId, seq, balance } of vendors) {
      this.#changed.delete(vendorId);
      this.#changed.set(vendorId, { seq, balance });
      if (this.#changed.size > LIMIT) this.#changed.delete(this.#changed.keys().next().value!);
    }
    this.#schedule(GATHER_MS);
  }

  /** One command at a time. Redis that is back need not be waited for. */
  #schedule(delayMs: number): void {
    if (this.#changed.size === 0 || this.#writing) return;
    if (delayMs === 0 && this.#timer) {
      clearTimeout(this.#timer);
      this.#timer = null;
    }
    this.#timer ??= setTimeout(() => void this.#write(), delayMs);
  }

  async #write(): Promise<void> {
    this.#timer = null;
    this.#writing = true;
    const some: [VendorId, Pick<VendorState, 'seq' | 'balance'>][] = [];
    for (const one of this.#changed) if (some.push(one) >= VENDORS_PER_COMMAND) break;
    const keys = some.map(([vendorId]) => balanceCopyKey(this.#prefix, vendorId));
    const values = some.flatMap(([, { seq, balance }]) => [seq, balance.toString()]);
    try {
      await this.#redis.setIfNewer(keys.length, ...keys, ...values);
      for (const [vendorId, state] of some)
        if (this.#changed.get(vendorId) === state) this.#changed.delete(vendorId);
      this.#away = false;
    } catch (error) {
      if (!this.#away) this.#logger.warn({ err: error }, 'Redis is away: the copies of balances wait');
      this.#away = true;
    }
    this.#writing = false;
    this.#schedule(this.#away ? REST_MS : GATHER_MS);
  }

  /** What has changed since the last command is left to the next owner’s first sale, or lags. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#timer) clearTimeout(this.#timer);
    this.#redis.disconnect();
  }
}
