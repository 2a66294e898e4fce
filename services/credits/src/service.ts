import { randomBytes } from 'node:crypto';
import { LedgerClient, type SendOptions } from '@b2b-charge/client';
import { createSubjects, type Outcome } from '@b2b-charge/contracts';
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
  startTracing,
  traceSends,
} from '@b2b-charge/runtime';
import { creditsCalls } from './calls.ts';
import type { CreditsConfig } from './config.ts';
import type { CreditsSchema, Database } from './db/schema.ts';
import { requestOf } from './domain/decisions.ts';
import { followCredits } from './events/follow-credits.ts';
import { createMetrics } from './metrics.ts';
import { settle } from './outbox/settle.ts';
import { startSweeper } from './outbox/sweeper.ts';

/** Builds the service and starts it; disposing ends it in the opposite order. */
export async function startCredits(config: CreditsConfig, log: Logger): Promise<AsyncDisposable> {
  await using parts = new AsyncDisposableStack();
  const pool = createPool({ applicationName: 'credits', ...databaseFrom(config) });
  const db = createKysely<CreditsSchema>(pool);
  parts.defer(() => db.destroy());
  const nc = await connectNats({ user: 'credits', ...natsFrom(config) });
  parts.defer(() => nc.close());
  const subjects = createSubjects(config.NAMESPACE);
  const metrics = createMetrics();
  metrics.watch({ db, stuckAfterMs: config.CREDIT_STUCK_AFTER_MS });
  const clock = parts.use(await ClockOffset.start(pool, config.CLOCK_OFFSET_LIMIT_MS));
  metrics.connections.pool(pool, clock);
  metrics.connections.nats(nc);
  const tracing = await startTracing('credits', config);
  if (tracing) parts.use(tracing);
  const client = parts.use(
    new LedgerClient({
      nc,
      subjects,
      source: 'credits',
      clientId: randomBytes(6).toString('hex'),
      lanes: config.LANES,
      metrics: metrics.commands,
    }),
  );
  const sweeper = parts.use(
    startSweeper({
      db,
      client: { send: traceSends(tracing, (options: SendOptions) => client.send(options), { begins: true }) },
      log,
      waitMs: config.CREDIT_WAIT_MS,
      deadlineMs: config.CREDIT_DEADLINE_MS,
      retryMaxMs: config.CREDIT_RETRY_MAX_MS,
      everyMs: config.CREDIT_SWEEP_MS,
      count: metrics.countDelivery,
    }),
  );
  parts.use(
    followCredits({ nc, subjects, log, onOutcome: (outcome) => settleOutcome({ db, log }, outcome) }),
  );
  const calls = creditsCalls({ db, nc, subjects, config, log, nudge: () => sweeper.nudge() });
  parts.use(serveCalls({ nc, subjects, log, currency: config.CURRENCY }, calls));
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

/** An event of the ledger, if it is about one of our requests. */
async function settleOutcome(parts: { db: Database; log: Logger }, outcome: Outcome): Promise<void> {
  if (outcome.outcome !== 'posted' && outcome.outcome !== 'rejected') return;
  const { transaction } = outcome;
  if (transaction?.source !== 'credits' || transaction.type !== 'credit') return;
  const requestId = requestOf(transaction.message_id);
  if (requestId) await settle(parts, requestId, transaction);
}
