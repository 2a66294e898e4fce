import { randomBytes } from 'node:crypto';
import { LedgerClient, type SendOptions } from '@b2b-charge/client';
import { createSubjects, redisPrefix } from '@b2b-charge/contracts';
import {
  ClockOffset,
  connectNats,
  createKysely,
  createPool,
  databaseFrom,
  LineLog,
  type Logger,
  logFolder,
  natsFrom,
  RefusalLog,
  startOpsServer,
  startTracing,
  traceSends,
} from '@b2b-charge/runtime';
import { createAsk } from './ask.ts';
import { CommandDesk } from './charges/command-desk.ts';
import { createCharges } from './charges/create-charges.ts';
import { LaneGuard } from './charges/lane-guard.ts';
import type { GatewayConfig } from './config.ts';
import { createDesk } from './console/console.ts';
import { Feed } from './console/feed/feed.ts';
import type { GatewayDatabase } from './db/schema.ts';
import type { Gateway } from './gateway.ts';
import { createHealth, readiness } from './health.ts';
import { createApp } from './http/app.ts';
import { startHttpServer } from './http/server.ts';
import { AuthFailures } from './limits/auth-failures.ts';
import { RateLimiter } from './limits/rate-limiter.ts';
import { GatewayMetrics } from './metrics.ts';
import { watchConnection } from './nats-watch.ts';
import { createRedis } from './redis/redis.ts';
import { createRoutes } from './routes/index.ts';
import { LastUse } from './tokens/last-use.ts';
import { announceChange, onChange } from './tokens/notices.ts';
import { TokenCache } from './tokens/token-cache.ts';
import { ensureBootstrapToken, findPrincipals, recordUses } from './tokens/token-store.ts';

const now = () => Date.now();
/** A process that stops has 10 s in all. */
const MAX_GRACE_MS = 8_000;
const LAST_USE_EVERY_MS = 5_000;
/** Commands that a lagging lane still gets at a time. */
const LANE_PROBES = 8;

/** Builds the gateway and serves; disposing of it answers what is in flight first. */
export async function startGateway(
  config: GatewayConfig,
  log: Logger,
): Promise<{ url: string; port: number } & AsyncDisposable> {
  await using stack = new AsyncDisposableStack();
  const boot = randomBytes(6).toString('hex');
  const subjects = createSubjects(config.NAMESPACE);
  const prefix = redisPrefix(config.NAMESPACE);
  const transactionsLog = stack.use(new LineLog('transactions', logFolder(config)));
  const securityLog = stack.use(new LineLog('security', logFolder(config)));

  const tracing = await startTracing('gateway', config);
  if (tracing) stack.use(tracing);
  const laneLagMs = () => guard.worstLagMs(now());
  const metrics = new GatewayMetrics({
    checks: async () => (await health()).checks,
    laneLagMs,
    tokensKnown: () => tokens.size,
    caches: () => ({ tokens: tokens.counts, outcomes: replays.counts }),
  });
  const pool = createPool({ applicationName: 'gateway', ...databaseFrom(config) });
  const db = stack.adopt(createKysely<GatewayDatabase>(pool), (kysely) => kysely.destroy());
  if (config.ADMIN_BOOTSTRAP_TOKEN) await ensureBootstrapToken(db, config.ADMIN_BOOTSTRAP_TOKEN);

  const redis = stack.adopt(
    createRedis(config.REDIS_URL, (state, error) => {
      if (state === 'up') log.info('redis is up');
      else
        log.warn({ err: error }, 'redis is away: limits are counted here, sales without a key are refused');
    }),
    (client) => client.disconnect(),
  );
  const nc = stack.adopt(await connectNats({ user: 'gateway', ...natsFrom(config) }), (connection) =>
    connection.close(),
  );
  const clock = stack.use(await ClockOffset.start(pool, config.CLOCK_OFFSET_LIMIT_MS));
  metrics.connections.pool(pool, clock);
  metrics.connections.nats(nc);
  metrics.connections.redis(redis);
  const ledger = stack.use(
    new LedgerClient({
      nc,
      subjects,
      source: 'gateway',
      clientId: boot,
      lanes: config.LANES,
      maxInFlight: config.MAX_IN_FLIGHT,
      metrics: metrics.commands,
    }),
  );

  const tokens = new TokenCache({
    find: (hashes) => findPrincipals(db, hashes),
    max: config.TOKEN_CACHE_SIZE,
    ttlMs: config.TOKEN_CACHE_MS,
  });
  stack.use(onChange(nc, subjects, (change) => tokens.forget(change)));
  // While the connection was down a notice may have been lost.
  const feed = new Feed({ nc, subjects, log });
  const connection = watchConnection(nc, {
    onReconnect: () => {
      tokens.forget();
      feed.missed();
    },
  });
  const lastUse = stack.use(
    new LastUse({
      record: (uses) => recordUses(db, uses),
      onError: (err) => log.warn({ err }, 'last uses of tokens not recorded'),
      everyMs: LAST_USE_EVERY_MS,
    }),
  );

  const guard = new LaneGuard({
    lanes: config.LANES,
    lagLimitMs: config.LANE_LAG_LIMIT_MS,
    probes: LANE_PROBES,
  });
  const ask = createAsk(nc, subjects);
  const commands = new CommandDesk({
    send: traceSends(tracing, (command: SendOptions) => ledger.send(command)),
    connected: () => connection.isUp() && clock.trouble === null,
    guard,
    lanes: config.LANES,
    waitMs: config.CHARGE_WAIT_MS,
    deadlineMs: config.CHARGE_DEADLINE_MS,
    now,
  });
  const { charges, replays } = createCharges(config, {
    redis,
    prefix,
    ask,
    send: (command) => commands.send(command),
    onForged: () => metrics.forged.inc(),
    now,
  });
  const { isUp } = connection;
  const [redisKey, stream] = [`${prefix}health:${boot}`, subjects.streams.commands];
  const health = createHealth({ db, redis, redisKey, nc, stream, clock, ask, isUp, laneLagMs });
  const gateway: Gateway = {
    config,
    log,
    db,
    commands,
    charges,
    tokens,
    lastUse,
    limiter: new RateLimiter({
      redis,
      prefix,
      defaultLimit: config.RATE_LIMIT_POINTS,
      windowS: config.RATE_LIMIT_WINDOW_S,
      now,
    }),
    authFailures: new AuthFailures({
      points: config.AUTH_FAILURE_POINTS,
      windowS: config.RATE_LIMIT_WINDOW_S,
      now,
    }),
    metrics,
    transactionsLog,
    securityLog,
    refusals: stack.use(new RefusalLog(securityLog, now)),
    tracing,
    now,
    ask,
    announce: async (change) => {
      tokens.forget(change);
      await announceChange(nc, subjects, change);
    },
    laneLagMs,
    health,
  };

  let leaving = false;
  stack.use(
    await startOpsServer({
      host: config.OPS_HOST,
      port: config.OPS_PORT,
      health: async () => (leaving ? { gateway: 'is stopping' } : readiness(health)),
      metrics: metrics.registry,
    }),
  );
  const server = stack.use(
    await startHttpServer({
      host: config.HOST,
      port: config.PORT,
      requestTimeoutMs: config.REQUEST_TIMEOUT_MS,
      graceMs: Math.min(config.CHARGE_WAIT_MS + 1_000, MAX_GRACE_MS),
      drainMs: config.DRAIN_MS,
      fetch: createApp(gateway, createRoutes(config), {
        boot,
        desk: createDesk(gateway, config, { redis, prefix, feed }),
      }),
    }),
  );
  // Before the server: it waits for the answers under way, and a feed has no end of its own.
  stack.use(feed);
  // Disposed of first, before the server begins to drain.
  stack.defer(() => {
    leaving = true;
  });
  const url = `http://${config.HOST.includes(':') ? `[${config.HOST}]` : config.HOST}:${server.port}`;
  log.info({ url }, 'listening');
  const running = stack.move();
  return { url, port: server.port, [Symbol.asyncDispose]: () => running.disposeAsync() };
}
