import { type MessageId, parseMessageId, type VendorId } from '@b2b-charge/contracts';
import type { Redis } from 'ioredis';
import { Batch } from '../redis/batch.ts';
import type { CopyWriter } from '../redis/writer.ts';

export interface Spend {
  readonly vendorId: VendorId;
  readonly phoneNumber: string;
  readonly amount: string;
}

/** Who holds the window of a spend: the message id of a sale, and until when it may still be executed. */
export interface Claim {
  readonly messageId: MessageId;
  readonly expiresAtMs: number;
}

/** What holds a window. */
export interface Holder {
  /** As Redis has it, for an exchange that must not hit another's claim. */
  readonly text: string;
  /** Null if the text is no claim of ours: then it holds nothing. */
  readonly claim: Claim | null;
}

export class RedisAwayError extends Error {
  override name = 'RedisAwayError';
}

const REPLACE = `if redis.call('get', KEYS[1]) ~= ARGV[1] then return 0 end
if ARGV[2] == '' then redis.call('del', KEYS[1]) else redis.call('set', KEYS[1], ARGV[2], 'EX', ARGV[3]) end
return 1`;

/** Per key: empty if it is claimed now, else what holds it. A value of another type than ours is replaced. */
const CLAIM_ALL = `local held = {}
for i, key in ipairs(KEYS) do
  held[i] = ''
  if not redis.call('SET', key, ARGV[i + 1], 'EX', ARGV[1], 'NX') then
    if redis.call('TYPE', key).ok == 'string' then held[i] = redis.call('GET', key) end
    if held[i] == '' then redis.call('SET', key, ARGV[i + 1], 'EX', ARGV[1]) end
  end
end
return held`;
const MAX_CLAIMS = 200;

/** The double-spend window: one mark per vendor, phone number and amount, naming the sale that made it. */
export class SpendWindow {
  readonly #redis: Redis;
  readonly #writer: CopyWriter;
  readonly #claims: Batch<{ key: string; value: string }, string>;
  readonly #prefix: string;
  readonly #seconds: number;

  constructor(options: { redis: Redis; writer: CopyWriter; prefix: string; seconds: number }) {
    const { redis, seconds } = options;
    this.#redis = redis;
    this.#writer = options.writer;
    this.#prefix = `${options.prefix}spend:`;
    this.#seconds = seconds;
    this.#claims = new Batch({
      max: MAX_CLAIMS,
      delayMs: 0,
      run: async (claims) => {
        this.#writer.flush(); // a sale with a key, answered just now, has its mark in there
        const [keys, values] = [claims.map(({ key }) => key), claims.map(({ value }) => value)];
        return (await redis.eval(CLAIM_ALL, keys.length, ...keys, seconds, ...values)) as string[];
      },
    });
  }

  get seconds(): number {
    return this.#seconds;
  }

  #key({ vendorId, phoneNumber, amount }: Spend): string {
    return `${this.#prefix}${vendorId}:${phoneNumber}:${amount}`;
  }

  /** Null if the claim holds now; else what held before. Throws RedisAwayError. */
  async claim(spend: Spend, claim: Claim): Promise<Holder | null> {
    try {
      const text = await this.#claims.add({ key: this.#key(spend), value: encode(claim) });
      return text === '' ? null : { text, claim: decode(text) };
    } catch (cause) {
      throw new RedisAwayError('the double-spend window is out of reach', { cause });
    }
  }

  /** Marks the window for a sale that has a key, if it is free. Such a sale goes on without Redis, so this may fail. */
  mark(spend: Spend, claim: Claim): void {
    this.#writer.write(this.#key(spend), encode(claim), this.#seconds, { ifFree: true });
  }

  /** Takes the window over from a sale that turned out to have done nothing. False if another did so first. */
  async takeOver(spend: Spend, from: Holder, to: Claim): Promise<boolean> {
    try {
      return await this.#replace(this.#key(spend), from.text, to);
    } catch (cause) {
      throw new RedisAwayError('the double-spend window is out of reach', { cause });
    }
  }

  /** Frees the window after a sale that did nothing. If that fails, the next sale finds out by asking the ledger. */
  release(spend: Spend, claim: Claim): void {
    this.#replace(this.#key(spend), encode(claim), null).catch(() => {});
  }

  async #replace(key: string, from: string, to: Claim | null): Promise<boolean> {
    const value = to === null ? '' : encode(to);
    return (await this.#redis.eval(REPLACE, 1, key, from, value, this.#seconds)) === 1;
  }
}

const encode = ({ messageId, expiresAtMs }: Claim): string => `${expiresAtMs} ${messageId}`;

const CLAIM = /^(\d{1,13}) (.+)$/;

function decode(text: string): Claim | null {
  const [, expiresAt, id = ''] = CLAIM.exec(text) ?? [];
  const messageId = parseMessageId(id);
  return messageId === null ? null : { expiresAtMs: Number(expiresAt), messageId };
}
