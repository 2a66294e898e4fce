import {
  type MessageId,
  type Outcome,
  outcomeCopyKey,
  outcomeSchema,
  type VendorId,
} from '@b2b-charge/contracts';
import type { Redis } from 'ioredis';
import { Batch } from '../redis/batch.ts';
import type { CopyWriter } from '../redis/writer.ts';

export type Decided = Extract<Outcome, { outcome: 'posted' | 'rejected' }>;

const MAX_READS = 200;

/** Copies of outcomes, so that a storm of repeats does not reach the log. The ledger has the originals, for ever. */
export class ReplayCopies {
  readonly #reads: Batch<string, string | null>;
  readonly #writer: CopyWriter;
  readonly #prefix: string;
  readonly #seconds: number;
  readonly counts = { hits: 0, misses: 0 };

  constructor(options: { redis: Redis; writer: CopyWriter; prefix: string; seconds: number }) {
    const { redis } = options;
    this.#reads = new Batch({ max: MAX_READS, delayMs: 0, run: (keys) => redis.mget([...keys]) });
    this.#writer = options.writer;
    this.#prefix = options.prefix;
    this.#seconds = options.seconds;
  }

  #key(vendorId: VendorId, messageId: MessageId): string {
    return outcomeCopyKey(this.#prefix, vendorId, messageId);
  }

  /** Null if there is no copy, or none to be had. */
  async get(vendorId: VendorId, messageId: MessageId): Promise<Decided | null> {
    if (this.#seconds === 0) return null;
    try {
      const text = await this.#reads.add(this.#key(vendorId, messageId));
      if (text === null) {
        this.counts.misses++;
        return null;
      }
      this.counts.hits++;
      const outcome = outcomeSchema.parse(JSON.parse(text));
      return outcome.outcome === 'posted' || outcome.outcome === 'rejected' ? outcome : null;
    } catch {
      return null; // Redis is away or holds something else: the ledger knows
    }
  }

  /** Keeps until when a sale without an outcome may still be executed. */
  keepDeadline(vendorId: VendorId, messageId: MessageId, expiresAtMs: number, seconds: number): void {
    this.#writer.write(
      `${this.#prefix}outcome:deadline:${vendorId}:${messageId}`,
      String(expiresAtMs),
      seconds,
    );
  }

  /** Null if there is none, or none to be had. */
  async deadline(vendorId: VendorId, messageId: MessageId): Promise<number | null> {
    const key = `${this.#prefix}outcome:deadline:${vendorId}:${messageId}`;
    const text = await this.#reads.add(key).catch(() => null);
    return text === null ? null : Number(text);
  }

  /** Keeps what is bound to the key; a key that was reused keeps its first outcome. */
  keep(vendorId: VendorId, messageId: MessageId, outcome: Decided): void {
    if (this.#seconds === 0 || outcome.transaction === null) return;
    this.#writer.write(this.#key(vendorId, messageId), JSON.stringify(outcome), this.#seconds);
  }
}
