import { createApp } from '@b2b-charge/http/app';
import { RateLimiter } from '@b2b-charge/http/limits/rate-limiter';
import { openParts } from '@b2b-charge/http/open-parts';
import { serve } from '@b2b-charge/http/serve';
import type { TokenTables } from '@b2b-charge/http/tokens/tables';
import { LineLog, type Logger, logFolder } from '@b2b-charge/runtime';
import { createCharges } from './charges/create-charges.ts';
import type { GatewayConfig } from './config.ts';
import type { Gateway } from './gateway.ts';
import { createHealth, readiness } from './health.ts';
import { GatewayMetrics } from './metrics.ts';
import { createRoutes } from './routes/index.ts';

/** Builds the gateway and serves; disposing of it answers what is in flight first. */
export async function startGateway(
  config: GatewayConfig,
  log: Logger,
): Promise<{ url: string; port: number } & AsyncDisposable> {
  await using stack = new AsyncDisposableStack();
  const parts = await openParts<GatewayMetrics, TokenTables>(stack, {
    ...{ service: 'gateway', config, log },
    ...{ waitMs: config.CHARGE_WAIT_MS, deadlineMs: config.CHARGE_DEADLINE_MS },
    createMetrics: (readings) =>
      new GatewayMetrics({
        ...readings,
        checks: async () => (await health()).checks,
        caches: () => ({ ...readings.caches(), outcomes: replays.counts }),
      }),
  });
  const { redis, prefix, commands, ask, now, laneLagMs } = parts;
  const { charges, replays } = createCharges(config, {
    ...{ redis, prefix, ask, now },
    send: (command) => commands.send(command),
    onForged: () => parts.metrics.forged.inc(),
  });
  const { db, nc, clock, isConnected: isUp } = parts;
  const [redisKey, stream] = [`${prefix}health:${parts.boot}`, parts.subjects.streams.commands];
  const health = createHealth({ db, redis, redisKey, nc, stream, clock, ask, isUp, laneLagMs });
  const gateway: Gateway = {
    ...parts,
    config,
    charges,
    limiter: new RateLimiter({
      redis,
      prefix,
      defaultLimit: config.RATE_LIMIT_POINTS,
      windowS: config.RATE_LIMIT_WINDOW_S,
      now,
    }),
    transactionsLog: stack.use(new LineLog('transactions', logFolder(config))),
    health,
  };
  const server = await serve(stack, {
    ...{ service: 'gateway', config, log, waitMs: config.CHARGE_WAIT_MS },
    metrics: parts.metrics.registry,
    readiness: () => readiness(health),
    fetch: createApp(gateway, createRoutes(config), { boot: parts.boot }),
  });
  const running = stack.move();
  return { ...server, [Symbol.asyncDispose]: () => running.disposeAsync() };
}
