import type { Redis } from 'ioredis';
import { type Kysely, sql } from 'kysely';
import type { Ask } from './ask.ts';
import type { GatewayDatabase } from './db/schema.ts';

interface HealthOptions {
  readonly db: Kysely<GatewayDatabase>;
  readonly redis: Redis;
  readonly ask: Ask;
  isUp(): boolean;
  /** Age of the oldest command of this process without an answer. */
  laneLagMs(): number;
  now(): number;
}

const DEPENDENCIES = ['postgres', 'redis', 'nats', 'ledger'] as const;
export type Dependency = (typeof DEPENDENCIES)[number];

export interface Check {
  /** Null is well; else what is wrong. */
  readonly trouble: string | null;
  readonly latencyMs: number;
}

export interface HealthReport {
  readonly checks: Readonly<Record<Dependency, Check>>;
  /** Null while no ledger answers. */
  readonly lanes: {
    readonly total: number;
    readonly withoutOwner: readonly number[];
    readonly lagMs: number;
  } | null;
}

/** An answer is good for a second: whoever asks more often costs nothing more. */
const KEPT_MS = 1_000;
const PATIENCE_MS = 1_000;

/** Asks every dependency, and the ledger for its lanes. */
export function createHealth(options: HealthOptions): () => Promise<HealthReport> {
  const { db, redis, ask, isUp, laneLagMs, now } = options;
  let last: { atMs: number; report: Promise<HealthReport> } | undefined;
  const report = async (): Promise<HealthReport> => {
    let lanes: HealthReport['lanes'] = null;
    const askLanes = async () => {
      if (!isUp()) throw new Error('out of reach');
      const answer = await ask('ledger.query.lanes', {}, { timeoutMs: PATIENCE_MS });
      const free = answer.lanes.filter(({ owner, lease_ms }) => owner === null || lease_ms === 0);
      lanes = { total: answer.lanes.length, withoutOwner: free.map(({ lane }) => lane), lagMs: laneLagMs() };
    };
    const nats = async () => {
      if (!isUp()) throw new Error('not connected');
    };
    const [postgres, cache, log, ledger] = await Promise.all([
      check(sql`SELECT 1`.execute(db)),
      check(redis.ping()),
      check(nats()),
      check(askLanes()),
    ]);
    return { checks: { postgres, redis: cache, nats: log, ledger }, lanes };
  };
  return () => {
    if (!last || now() - last.atMs >= KEPT_MS) last = { atMs: now(), report: report() };
    return last.report;
  };
}

async function check(asked: Promise<unknown>): Promise<Check> {
  const startedAt = performance.now();
  const silence = Promise.withResolvers<string>();
  const timer = setTimeout(() => silence.resolve('no answer in time'), 2 * PATIENCE_MS);
  const trouble = await Promise.race([asked.then(() => null), silence.promise]).catch(
    (error: Error) => error.message || error.name,
  );
  clearTimeout(timer);
  return { trouble, latencyMs: Math.round((performance.now() - startedAt) * 10) / 10 };
}

/** For a balancer that asks whether to send requests here: without Redis, sales that have a key go on. */
export async function readiness(health: () => Promise<HealthReport>): Promise<Record<string, string | null>> {
  const { checks } = await health();
  const needed = DEPENDENCIES.filter((name) => name !== 'redis');
  return Object.fromEntries(needed.map((name) => [name, checks[name].trouble]));
}
