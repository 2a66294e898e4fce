import { Redis } from 'ioredis';
import type { Findings } from './findings.ts';
import type { Row } from './rows.ts';

/** The balances that Redis has copies of. */
export class Copies implements Disposable {
  checked = 0;
  readonly #redis: Redis;
  readonly #findings: Findings;

  constructor(redisUrl: string, findings: Findings) {
    this.#redis = new Redis(redisUrl, { maxRetriesPerRequest: 3 });
    this.#findings = findings;
  }

  /** A copy of a balance may be old, or gone; it must be one that the vendor had at that number. */
  async check(vendorId: number, rows: readonly Pick<Row, 'balance_after'>[]): Promise<void> {
    const { seq, balance } = await this.#redis.hgetall(`balance:${vendorId}`);
    if (seq === undefined) return;
    this.checked++;
    const row = rows[Number(seq) - 1];
    if (row?.balance_after !== balance)
      this.#findings.add(
        'redis-copies',
        `vendor ${vendorId}: ${balance} at ${seq}, which was ${row?.balance_after}`,
      );
  }

  [Symbol.dispose](): void {
    this.#redis.disconnect();
  }
}
