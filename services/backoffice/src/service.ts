import { createApp } from '@b2b-charge/http/app';
import { openParts } from '@b2b-charge/http/open-parts';
import { serve } from '@b2b-charge/http/serve';
import { publishChange } from '@b2b-charge/http/tokens/notices';
import type { Logger } from '@b2b-charge/runtime';
import { sql } from 'kysely';
import type { Backoffice } from './backoffice.ts';
import type { BackofficeConfig } from './config.ts';
import { createDesk } from './console/console.ts';
import { Feed } from './console/feed/feed.ts';
import { mountConsole } from './console/mount.ts';
import { pages } from './console/pages/index.ts';
import type { BackofficeDatabase } from './db/schema.ts';
import { BackofficeMetrics } from './metrics.ts';
import { createRoutes } from './routes/index.ts';
import { ensureBootstrapToken } from './tokens/token-store.ts';

/** Builds the back office and serves; disposing of it answers what is in flight first. */
export async function startBackoffice(
  config: BackofficeConfig,
  log: Logger,
): Promise<{ url: string; port: number } & AsyncDisposable> {
  await using stack = new AsyncDisposableStack();
  const parts = await openParts<BackofficeMetrics, BackofficeDatabase>(stack, {
    ...{ service: 'backoffice', config, log },
    ...{ waitMs: config.COMMAND_WAIT_MS, deadlineMs: config.COMMAND_DEADLINE_MS },
    createMetrics: (readings) => new BackofficeMetrics(readings),
    reconnected: () => feed.missed(),
  });
  const { db, redis, prefix, nc, subjects, tokens } = parts;
  if (config.ADMIN_BOOTSTRAP_TOKEN) await ensureBootstrapToken(db, config.ADMIN_BOOTSTRAP_TOKEN);
  const feed = new Feed({ nc, subjects, log });
  const backoffice: Backoffice = {
    ...parts,
    config,
    limiter: null,
    publishChange: async (change) => {
      tokens.forget(change);
      await publishChange(nc, subjects, change);
    },
  };
  const desk = createDesk(backoffice, config, { redis, prefix, feed });
  const server = await serve(stack, {
    ...{ service: 'backoffice', config, log, waitMs: config.COMMAND_WAIT_MS },
    metrics: parts.metrics.registry,
    readiness: async () => ({
      postgres: await troubleOf(sql`SELECT 1`.execute(db)),
      nats: parts.isConnected() ? null : 'not connected',
      clock: parts.clock.trouble,
    }),
    fetch: createApp(backoffice, createRoutes(config), {
      boot: parts.boot,
      mount: (app, surroundings) => mountConsole(app, { desk, pages, ...surroundings }),
    }),
  });
  // Disposed of before the server, which waits for the answers under way: a feed has no end of its own.
  stack.use(feed);
  const running = stack.move();
  return { ...server, [Symbol.asyncDispose]: () => running.disposeAsync() };
}

const troubleOf = (asked: Promise<unknown>): Promise<string | null> =>
  asked.then(
    () => null,
    (error: Error) => error.message,
  );
