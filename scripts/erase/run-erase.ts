import { outcomeCopyKey, redisPrefix } from '@b2b-charge/contracts';
import { commonSettings, databaseUrl, parseSettings, redisUrl } from '@b2b-charge/runtime';
import { Redis } from 'ioredis';
import pg from 'pg';
import { z } from 'zod';
import {
  type Counts,
  countRows,
  eraseNumber,
  type PhoneNumber,
  type SaleKey,
  soldTo,
} from './erase-number.ts';

const KEYS_AT_ONCE = 500;

const settings = z.object({
  DATABASE_URL: databaseUrl,
  REDIS_URL: redisUrl.optional(),
  NAMESPACE: commonSettings.NAMESPACE,
});

export interface Erasure {
  readonly number: PhoneNumber;
  readonly reason: string;
  readonly by: string;
  readonly yes: boolean;
}

/**
 * Erases a number, or counts its rows. `left` is true if rows remain that only their vendor can change. Throws
 * ConfigError.
 */
export async function runErase(
  { number, reason, by, yes }: Erasure,
  env: NodeJS.ProcessEnv,
): Promise<{ erased: boolean; rows: Counts; left: boolean }> {
  const { DATABASE_URL, REDIS_URL, NAMESPACE } = parseSettings(settings, env);
  const db = new pg.Client({ connectionString: DATABASE_URL, application_name: 'erase' });
  await db.connect();
  try {
    if (!yes) return { erased: false, rows: await countRows(db, number), left: false };
    const sales = REDIS_URL === undefined ? [] : await soldTo(db, number);
    const progress = (text: string) => process.stderr.write(`${text}\n`);
    const erased = await eraseNumber(db, { number, by, reason, nowMs: Date.now(), progress });
    if (REDIS_URL !== undefined) await forgetOutcomes(REDIS_URL, NAMESPACE, sales);
    const remaining = await countRows(db, number);
    const left = Object.values(remaining).some((rows) => rows > 0);
    return { erased: true, rows: { ...remaining, ...erased }, left };
  } finally {
    await db.end();
  }
}

/** Caches are disposable: what is not removed here ends after IDEMPOTENCY_TIMEOUT. */
async function forgetOutcomes(url: string, namespace: string, sales: readonly SaleKey[]): Promise<void> {
  const redis = new Redis(url);
  try {
    const prefix = redisPrefix(namespace);
    for (let start = 0; start < sales.length; start += KEYS_AT_ONCE) {
      const some = sales.slice(start, start + KEYS_AT_ONCE);
      await redis.del(some.map(({ vendor_id, message_id }) => outcomeCopyKey(prefix, vendor_id, message_id)));
    }
  } finally {
    redis.disconnect();
  }
}
