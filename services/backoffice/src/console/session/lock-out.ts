import { hash } from 'node:crypto';
import type { Redis } from 'ioredis';

interface LockOutOptions {
  readonly redis: Redis;
  readonly prefix: string;
  /** Wrong passwords for one name before it has to wait; an address has ten times as many. */
  readonly failures: number;
  /** The first wait; each further failure doubles it. */
  readonly firstWaitMs: number;
}

const ADDRESS_FACTOR = 10;
const LONGEST_WAIT_MS = 15 * 60_000;
/** Failures are forgotten after this long without one. */
const FORGET_MS = 24 * 60 * 60_000;

/**
 * KEYS: a lock and a count for each of name and address. ARGV: failures for the name, for the address, first wait,
 * longest wait, memory, all in ms. Counts the attempt before the password is looked at, so that many at once are no
 * way around it. Answers the wait in ms, 0 to go ahead.
 */
const ATTEMPT = `
  local wait = math.max(redis.call('PTTL', KEYS[1]), redis.call('PTTL', KEYS[3]))
  if wait > 0 then return wait end
  for i = 1, 2 do
    local allowed = tonumber(ARGV[i])
    local count = redis.call('INCR', KEYS[2 * i])
    redis.call('PEXPIRE', KEYS[2 * i], ARGV[5])
    if count >= allowed then
      local steps = math.min(count - allowed, 20)
      redis.call('SET', KEYS[2 * i - 1], 1, 'PX', math.min(tonumber(ARGV[3]) * 2 ^ steps, tonumber(ARGV[4])))
    end
  end
  return 0`;

/** The attempt was right: the name starts afresh, the address gets this one back. */
const SUCCESS = `
  redis.call('DEL', KEYS[1], KEYS[2])
  if redis.call('DECR', KEYS[4]) < tonumber(ARGV[2]) then redis.call('DEL', KEYS[3]) end
  return 0`;

/** Makes guessing slow, per name and per address. It treats names that nobody has like any other. */
export class LockOut {
  readonly #options: LockOutOptions;

  constructor(options: LockOutOptions) {
    this.#options = options;
  }

  /** Milliseconds to wait; 0 lets the attempt through, which counts as a failure until `succeeded`. */
  async attempt(name: string, address: string): Promise<number> {
    return Number(await this.#run(ATTEMPT, name, address));
  }

  async succeeded(name: string, address: string): Promise<void> {
    await this.#run(SUCCESS, name, address);
  }

  #run(script: string, name: string, address: string): Promise<unknown> {
    const { redis, prefix, failures, firstWaitMs } = this.#options;
    const keys = [`name:${hash('sha256', name, 'base64url')}`, `address:${address}`].flatMap((of) =>
      ['lock', 'count'].map((kind) => `${prefix}console:${kind}:${of}`),
    );
    const limits = [failures, failures * ADDRESS_FACTOR, firstWaitMs, LONGEST_WAIT_MS, FORGET_MS];
    return redis.eval(script, keys.length, ...keys, ...limits);
  }
}
