import { randomBytes } from 'node:crypto';
import { LedgerClient, type SendOptions } from '@b2b-charge/client';
import { createSubjects, redisPrefix, type Subjects } from '@b2b-charge/contracts';
import {
  ClockOffset,
  type CommonSettings,
  connectNats,
  createKysely,
  createPool,
  type DatabaseSettings,
  databaseFrom,
  LineLog,
  type Logger,
  logFolder,
  natsFrom,
  RefusalLog,
  startTracing,
  traceSends,
} from '@b2b-charge/runtime';
import type { NatsConnection } from '@nats-io/transport-node';
import type { Redis } from 'ioredis';
import type { Kysely } from 'kysely';
import { type Ask, createAsk } from './ask.ts';
import { CommandDesk } from './commands/command-desk.ts';
import { LaneGuard } from './commands/lane-guard.ts';
import type { HttpService } from './http-service.ts';
import { AuthFailures } from './limits/auth-failures.ts';
import type { HttpMetrics, HttpReadings } from './metrics.ts';
import { watchConnection } from './nats-watch.ts';
import { createRedis } from './redis.ts';
import type { HttpSettings } from './settings.ts';
import { findPrincipals, recordUses } from './tokens/find-principals.ts';
import { LastUse } from './tokens/last-use.ts';
import { onChange } from './tokens/notices.ts';
import type { TokenTables } from './tokens/tables.ts';
import { TokenCache } from './tokens/token-cache.ts';

const LAST_USE_EVERY_MS = 5_000;
/** Commands that a lagging lane still gets at a time. */
const LANE_PROBES = 8;

interface PartsOptions<M extends HttpMetrics> {
  readonly service: 'gateway' | 'backoffice';
  readonly config: HttpSettings & CommonSettings & DatabaseSettings & { readonly REDIS_URL: string };
  readonly log: Logger;
  /** Wait for the outcome of a command, and time after which it is never executed, both in ms. */
  readonly waitMs: number;
  readonly deadlineMs: number;
  createMetrics(readings: HttpReadings<'tokens'>): M;
  /** Called after each reconnect to NATS, because messages may have been lost before it. */
  reconnected?(): void;
}

/** Everything that a service with an HTTP API works with, the gateway as well as the back office. */
export interface Parts<M extends HttpMetrics, D extends TokenTables>
  extends Omit<HttpService, 'config' | 'limiter'> {
  readonly metrics: M;
  /** Unique to this process and start. */
  readonly boot: string;
  readonly subjects: Subjects;
  /** Prefix of all keys in Redis. */
  readonly prefix: string;
  readonly db: Kysely<D>;
  readonly redis: Redis;
  readonly nc: NatsConnection;
  readonly clock: Pick<ClockOffset, 'trouble'>;
  readonly commands: CommandDesk;
  readonly ask: Ask;
  isConnected(): boolean;
  laneLagMs(): number;
}

/** Connects and builds the parts; `stack` disposes of them. */
export async function openParts<M extends HttpMetrics, D extends TokenTables>(
  stack: AsyncDisposableStack,
  options: PartsOptions<M>,
): Promise<Parts<M, D>> {
  const { service, config, log } = options;
  const now = () => Date.now();
  const boot = randomBytes(6).toString('hex');
  const subjects = createSubjects(config.NAMESPACE);
  const prefix = redisPrefix(config.NAMESPACE);
  const securityLog = stack.use(new LineLog('security', logFolder(config)));
  const tracing = await startTracing(service, config);
  if (tracing) stack.use(tracing);
  const guard = new LaneGuard({
    lanes: config.LANES,
    lagLimitMs: config.LANE_LAG_LIMIT_MS,
    probes: LANE_PROBES,
  });
  const laneLagMs = () => guard.worstLagMs(now());
  const metrics = options.createMetrics({
    laneLagMs,
    tokensKnown: () => tokens.size,
    caches: () => ({ tokens: tokens.counts }),
  });
  const pool = createPool({ applicationName: service, ...databaseFrom(config) });
  const db = stack.adopt(createKysely<D>(pool), (kysely) => kysely.destroy());
  const tables = db as unknown as Kysely<TokenTables>;
  const redis = stack.adopt(openRedis(config.REDIS_URL, log), (client) => client.disconnect());
  const nc = stack.adopt(await connectNats({ user: service, ...natsFrom(config) }), (connection) =>
    connection.close(),
  );
  const clock = stack.use(await ClockOffset.start(pool, config.CLOCK_OFFSET_LIMIT_MS));
  metrics.connections.pool(pool, clock);
  metrics.connections.nats(nc);
  metrics.connections.redis(redis);
  const { tokens, lastUse, connection } = openTokens(stack, options, { nc, subjects, tables });
  const ledger = stack.use(
    new LedgerClient({
      ...{ nc, subjects, source: service, clientId: boot, lanes: config.LANES },
      maxInFlight: config.MAX_IN_FLIGHT,
      metrics: metrics.commands,
    }),
  );
  const commands = new CommandDesk({
    send: traceSends(tracing, (command: SendOptions) => ledger.send(command)),
    connected: () => connection.isUp() && clock.trouble === null,
    guard,
    lanes: config.LANES,
    waitMs: options.waitMs,
    deadlineMs: options.deadlineMs,
    now,
  });
  return {
    ...{ boot, subjects, prefix, log, securityLog, tracing, metrics, db, redis, nc, clock, tokens, lastUse },
    ...{ commands, ask: createAsk(nc, subjects), isConnected: connection.isUp, laneLagMs, now },
    refusals: stack.use(new RefusalLog(securityLog, now)),
    authFailures: new AuthFailures({
      points: config.AUTH_FAILURE_POINTS,
      windowS: config.RATE_LIMIT_WINDOW_S,
      now,
    }),
  };
}

/** Tokens are known until a notice on NATS, or a reconnect before which one may have been lost. */
function openTokens<M extends HttpMetrics>(
  stack: AsyncDisposableStack,
  { config, log, reconnected }: PartsOptions<M>,
  { nc, subjects, tables }: { nc: NatsConnection; subjects: Subjects; tables: Kysely<TokenTables> },
) {
  const tokens = new TokenCache({
    find: (hashes) => findPrincipals(tables, hashes),
    max: config.TOKEN_CACHE_SIZE,
    ttlMs: config.TOKEN_CACHE_MS,
  });
  stack.use(onChange(nc, subjects, (change) => tokens.forget(change)));
  const connection = watchConnection(nc, {
    onReconnect: () => {
      tokens.forget();
      reconnected?.();
    },
  });
  const lastUse = stack.use(
    new LastUse({
      record: (uses) => recordUses(tables, uses),
      onError: (err) => log.warn({ err }, 'last uses of tokens not recorded'),
      everyMs: LAST_USE_EVERY_MS,
    }),
  );
  return { tokens, lastUse, connection };
}

const openRedis = (url: string, log: Logger): Redis =>
  createRedis(url, (state, error) => {
    if (state === 'up') log.info('redis is up');
    else log.warn({ err: error }, 'redis is unreachable: limits are counted by this process alone');
  });
