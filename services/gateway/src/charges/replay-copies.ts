import { type MessageId, outcomeCopyKey, outcomeSchema, type VendorId } from '@b2b-charge/contracts';
import type { Decided } from '@b2b-charge/http/commands/command-desk';
import type { Seal } from '@b2b-charge/http/seal';
import type { Redis } from 'ioredis';
import { Batch } from '../redis/batch.ts';
import type { CopyWriter } from '../redis/writer.ts';

const MAX_READS = 200;

/** Epoch ms in a cached deadline: 13 digits reach the year 2286. */
const DEADLINE = /^\d{1,13}$/;

/**
 * Caches outcomes in Redis, so that repeated requests do not reach the log. The ledger keeps the originals for ever.
 * An entry that this deployment did not seal counts as absent.
 */
export class ReplayCopies {
  readonly #reads: Batch<string, string | null>;
  readonly #writer: CopyWriter;
  readonly #seal: Seal;
  readonly #prefix: string;
  readonly #seconds: number;
  readonly counts = { hits: 0, misses: 0 };
  readonly #onForged: () => void;

  constructor(options: {
    redis: Redis;
    writer: CopyWriter;
    seal: Seal;
    prefix: string;
    seconds: number;
    /** Called for each entry that was there and did not open. */
    onForged(): void;
  }) {
    const { redis } = options;
    this.#onForged = options.onForged;
    this.#seal = options.seal;
    this.#reads = new Batch({ max: MAX_READS, delayMs: 0, run: (keys) => redis.mget([...keys]) });
    this.#writer = options.writer;
    this.#prefix = options.prefix;
    this.#seconds = options.seconds;
  }

  #key(vendorId: VendorId, messageId: MessageId): string {
    return outcomeCopyKey(this.#prefix, vendorId, messageId);
  }

  #deadlineKey(vendorId: VendorId, messageId: MessageId): string {
    return `${this.#prefix}outcome:deadline:${vendorId}:${messageId}`;
  }

  /** What was sealed under the key; null if it is absent, is not ours, or Redis is unreachable. */
  async #read(key: string): Promise<string | null> {
    const sealed = await this.#reads.add(key).catch(() => null);
    if (sealed === null) return null;
    const content = this.#seal.open(key, sealed);
    if (content === null) this.#onForged();
    return content;
  }

  /** Null if there is no copy, or none to be had. */
  async get(vendorId: VendorId, messageId: MessageId): Promise<Decided | null> {
    if (this.#seconds === 0) return null;
    const text = await this.#read(this.#key(vendorId, messageId));
    const outcome = text === null ? null : parseOutcome(text);
    this.counts[outcome === null ? 'misses' : 'hits']++;
    return outcome;
  }

  /** Keeps until when a sale without an outcome may still be executed. */
  keepDeadline(vendorId: VendorId, messageId: MessageId, expiresAtMs: number, seconds: number): void {
    this.#write(this.#deadlineKey(vendorId, messageId), String(expiresAtMs), seconds);
  }

  /** Epoch ms. Null if there is none, or none to be had. */
  async deadline(vendorId: VendorId, messageId: MessageId): Promise<number | null> {
    const text = await this.#read(this.#deadlineKey(vendorId, messageId));
    return text !== null && DEADLINE.test(text) ? Number(text) : null;
  }

  /** Keeps what is bound to the key; a key that was reused keeps its first outcome. */
  keep(vendorId: VendorId, messageId: MessageId, outcome: Decided): void {
    if (this.#seconds === 0 || outcome.transaction === null) return;
    this.#write(this.#key(vendorId, messageId), JSON.stringify(outcome), this.#seconds);
  }

  #write(key: string, content: string, seconds: number): void {
    this.#writer.write(key, this.#seal.close(key, content), seconds);
  }
}

/** Null if an earlier release wrote another shape. */
function parseOutcome(text: string): Decided | null {
  try {
    const outcome = outcomeSchema.parse(JSON.parse(text));
    return outcome.outcome === 'posted' || outcome.outcome === 'rejected' ? outcome : null;
  } catch {
    return null;
  }
}
