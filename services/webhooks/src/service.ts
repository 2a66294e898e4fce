import { createSubjects } from '@b2b-charge/contracts';
import {
  ClockOffset,
  connectNats,
  createKysely,
  createPool,
  databaseFrom,
  healthOf,
  type Logger,
  natsFrom,
  serveCalls,
  startOpsServer,
} from '@b2b-charge/runtime';
import { webhooksCalls } from './calls.ts';
import { startJanitor } from './clean/janitor.ts';
import type { WebhooksConfig } from './config.ts';
import { startDeliverer } from './deliver/deliverer.ts';
import { startIntake } from './intake/intake.ts';
import { createMetrics } from './metrics.ts';
import { createAddressGuard } from './send/address-guard.ts';

/** Beyond the time-out of an attempt: to write down what became of it. */
const LEASE_MARGIN_MS = 5_000;
const CLEAN_EVERY_MS = 60_000;

/** Builds the service and starts it; disposing ends it in the opposite order. */
export async function startWebhooks(config: WebhooksConfig, log: Logger): Promise<AsyncDisposable> {
  await using parts = new AsyncDisposableStack();
  const pool = createPool({ applicationName: 'webhooks', ...databaseFrom(config) });
  const db = createKysely<unknown>(pool);
  parts.defer(() => db.destroy());
  const nc = await connectNats({ user: 'webhooks', ...natsFrom(config) });
  parts.defer(() => nc.close());
  const subjects = createSubjects(config.NAMESPACE);
  const metrics = createMetrics();
  metrics.watch(db);
  const clock = parts.use(await ClockOffset.start(pool, config.CLOCK_OFFSET_LIMIT_MS));
  metrics.connections.pool(pool, clock);
  metrics.connections.nats(nc);

  const isAllowed = createAddressGuard(config.WEBHOOK_ALLOW_PRIVATE);
  const rules = {
    urls: { allowHttp: config.WEBHOOK_ALLOW_HTTP, ports: config.WEBHOOK_PORTS },
    isAllowed,
    keys: config.WEBHOOK_SECRET_KEY,
    maxPerVendor: config.WEBHOOK_MAX_PER_VENDOR,
    maxPending: config.WEBHOOK_MAX_PENDING,
    retryForMs: config.WEBHOOK_RETRY_FOR_MS,
    currency: config.CURRENCY,
  };
  const deliverer = parts.use(
    startDeliverer({
      db,
      log,
      metrics,
      keys: rules.keys,
      urls: rules.urls,
      post: { isAllowed, timeoutMs: config.WEBHOOK_TIMEOUT_MS },
      pauses: { firstMs: config.WEBHOOK_RETRY_FIRST_MS, maxMs: config.WEBHOOK_RETRY_MAX_MS },
      disableAfterMs: config.WEBHOOK_DISABLE_AFTER_MS,
      leaseMs: config.WEBHOOK_TIMEOUT_MS + LEASE_MARGIN_MS,
      concurrency: config.WEBHOOK_CONCURRENCY,
      pollMs: config.WEBHOOK_POLL_MS,
    }),
  );
  const nudge = () => deliverer.nudge();
  parts.use(
    startJanitor({
      db,
      log,
      everyMs: CLEAN_EVERY_MS,
      keepDeliveredS: config.WEBHOOK_KEEP_DELIVERED_S,
      keepDeadS: config.WEBHOOK_KEEP_DEAD_S,
    }),
  );
  const recorded = (count: number) => {
    metrics.recorded(count);
    nudge();
  };
  parts.use(startIntake({ db, nc, subjects, log, rules, recorded }));
  parts.use(serveCalls({ nc, subjects, log, currency: rules.currency }, webhooksCalls({ db, rules, nudge })));
  // Started means that the server knows the subscriptions.
  await nc.flush();
  const ops = parts.use(
    await startOpsServer({
      host: config.OPS_HOST,
      port: config.OPS_PORT,
      metrics: metrics.registry,
      health: healthOf({ pool, nc, clock }),
    }),
  );
  log.info({ port: ops.port }, 'health and metrics');
  return parts.move();
}
