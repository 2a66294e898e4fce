import type { Redis } from 'ioredis';
import { Batch } from './batch.ts';

interface Write {
  readonly key: string;
  readonly value: string;
  readonly seconds: number;
  /** Only if the key is free. */
  readonly ifFree: boolean;
}

const SET_ALL = `for i, key in ipairs(KEYS) do
  local value, seconds, only = ARGV[3 * i - 2], ARGV[3 * i - 1], ARGV[3 * i]
  if only == '' then redis.call('SET', key, value, 'EX', seconds)
  else redis.call('SET', key, value, 'EX', seconds, only) end
end`;

const MAX_WRITES = 200;
/** Nobody waits for these writes; gathered for a moment, many of them are one command. */
const GATHER_MS = 10;

/** Writes copies that may get lost: whoever misses one asks the ledger. */
export class CopyWriter {
  readonly #batch: Batch<Write, null>;

  constructor(redis: Redis) {
    this.#batch = new Batch({
      max: MAX_WRITES,
      delayMs: GATHER_MS,
      run: async (writes) => {
        const values = writes.flatMap(({ value, seconds, ifFree }) => [value, seconds, ifFree ? 'NX' : '']);
        await redis.eval(SET_ALL, writes.length, ...writes.map(({ key }) => key), ...values);
        return [];
      },
    });
  }

  /** Sends what is gathered, now. */
  flush(): void {
    this.#batch.flush();
  }

  write(key: string, value: string, seconds: number, { ifFree = false } = {}): void {
    this.#batch.add({ key, value, seconds, ifFree }).catch(() => {});
  }
}
