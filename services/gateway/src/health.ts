import type { Ask } from '@b2b-charge/http/ask';
import type { TokenTables } from '@b2b-charge/http/tokens/tables';
import type { ClockOffset } from '@b2b-charge/runtime';
import type { NatsConnection } from '@nats-io/transport-node';
import type { Redis } from 'ioredis';
import { type Kysely, sql } from 'kysely';
import { checkStream } from './check-stream.ts';

interface HealthOptions {
  readonly db: Kysely<TokenTables>;
  readonly redis: Redis;
  /** A key of this process, for a write that shows whether Redis takes one. */
  readonly redisKey: string;
  readonly nc: NatsConnection;
  /** Name of the command stream. */
  readonly stream: string;
  readonly clock: Pick<ClockOffset, 'trouble'>;
  readonly ask: Ask;
  isUp(): boolean;
  /** Age of the oldest command of this process without an answer. */
  laneLagMs(): number;
}

/** What a sale needs, as far as it can be found out without a command. */
export const DEPENDENCIES = ['postgres', 'redis', 'nats', 'log', 'ledger', 'clock'] as const;
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
const REDIS_KEPT_MS = 5_000;

/** Asks every dependency for what a sale asks of it, and the ledger for its lanes. It publishes no command. */
export function createHealth(options: HealthOptions): () => Promise<HealthReport> {
  const { db, redis, redisKey, nc, stream, clock, ask, isUp, laneLagMs } = options;
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
    const log = async () => {
      if (!isUp()) throw new Error('out of reach');
      await checkStream(nc, stream, PATIENCE_MS);
    };
    const time = async () => {
      if (clock.trouble !== null) throw new Error(clock.trouble);
    };
    const checks = {
      postgres: check(sql`SELECT 1`.execute(db)),
      redis: check(redis.set(redisKey, '1', 'PX', REDIS_KEPT_MS)),
      nats: check(nats()),
      log: check(log()),
      ledger: check(askLanes()),
      clock: check(time()),
    };
    const names = DEPENDENCIES.map(async (name) => [name, await checks[name]] as const);
    return { checks: Object.fromEntries(await Promise.all(names)) as HealthReport['checks'], lanes };
  };
  return () => {
    // By the monotonic clock: a step of the other one must not keep an old report.
    const atMs = performance.now();
    if (!last || atMs - last.atMs >= KEPT_MS) last = { atMs, report: report() };
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
