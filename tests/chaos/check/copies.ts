import { Redis } from 'ioredis';
import type { Findings } from './findings.ts';
import type { Row } from './rows.ts';

/** A copy of a balance may be old, or gone; it must be one that the vendor had at that number. */
export async function checkCopies(
  redisUrl: string,
  chains: ReadonlyMap<number, readonly Pick<Row, 'balance_after'>[]>,
  findings: Findings,
): Promise<number> {
  const redis = new Redis(redisUrl, { maxRetriesPerRequest: 3 });
  let checked = 0;
  try {
    for (const [vendorId, rows] of chains) {
      const { seq, balance } = await redis.hgetall(`balance:${vendorId}`);
      if (seq === undefined) continue;
      checked++;
      const row = rows[Number(seq) - 1];
      if (row?.balance_after !== balance)
        findings.add(
          'redis-copies',
          `vendor ${vendorId}: ${balance} at ${seq}, which was ${row?.balance_after}`,
        );
    }
  } finally {
    redis.disconnect();
  }
  return checked;
}
