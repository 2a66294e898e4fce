import type { Redis } from 'ioredis';
import { type Kysely, sql } from 'kysely';
import type { Ask } from './ask.ts';
import type { GatewayDatabase } from './db/schema.ts';

interface HealthOptions {
  readonly db: Kysely<GatewayDatabase>;
  readonly redis: Redis;
  readonly ask: Ask;
  isUp(): boolean;
  now(): number;
}

export type HealthReport = Record<'postgres' | 'redis' | 'nats' | 'ledger', string | null>;

/** An answer is good for a second: whoever asks more often costs nothing more. */
const KEPT_MS = 1_000;
const PATIENCE_MS = 1_000;

/** Asks every dependency; null is well, a text says what is wrong. */
export function createHealth({ db, redis, ask, isUp, now }: HealthOptions): () => Promise<HealthReport> {
  let last: { atMs: number; report: Promise<HealthReport> } | undefined;
  const well = (check: Promise<unknown>) =>
    check.then(
      () => null,
      (error: Error) => error.message || error.name,
    );
  const report = async (): Promise<HealthReport> => {
    const [postgres, cache, ledger] = await Promise.all([
      well(sql`SELECT 1`.execute(db)),
      well(redis.ping()),
      isUp() ? well(ask('ledger.query.lanes', {}, PATIENCE_MS)) : 'out of reach',
    ]);
    return { postgres, redis: cache, nats: isUp() ? null : 'not connected', ledger };
  };
  return () => {
    if (!last || now() - last.atMs >= KEPT_MS) last = { atMs: now(), report: report() };
    return last.report;
  };
}
