import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { createSubjects, inboxPrefix } from '@b2b-charge/contracts';
import {
  ClockOffset,
  connectNats,
  createPool,
  databaseFrom,
  healthOf,
  type Logger,
  natsFrom,
  startOpsServer,
  startTracing,
} from '@b2b-charge/runtime';
import type { NatsConnection } from '@nats-io/transport-node';
import type { LedgerConfig } from './config.ts';
import { announceAgain } from './lanes/announce-again.ts';
import { holdSettings } from './lanes/stored-settings.ts';
import { NatsLog } from './log/nats-log.ts';
import { warnOfOldCluster } from './log/old-cluster.ts';
import { createMetrics } from './metrics/metrics.ts';
import { LedgerProcess } from './process/ledger-process.ts';
import type { Clock } from './process/process-options.ts';
import { NatsAnnouncer } from './publish/announcer.ts';
import { BalanceCopies } from './publish/balance-copies.ts';
import { setBackConsumers } from './publish/consumers-beyond-end.ts';
import { DeadLetterFeed } from './publish/dead-letter-feed.ts';
import { EventFeed } from './publish/event-feed.ts';
import { EventsGate } from './publish/events-gate.ts';
import { serveQueries } from './queries/index.ts';
import { ReplicaReads } from './queries/reads.ts';
import { AnnouncedEvents } from './recovery/announced-events.ts';
import { openEventStream } from './recovery/event-stream.ts';
import { createLaneMarks } from './recovery/lane-marks.ts';
import { noticeLostEvents } from './recovery/lost-events.ts';
import { LostTailRecovery } from './recovery/recovery.ts';
import { PgStore } from './store/pg-store.ts';
import { createUnpublishedReader } from './store/unpublished.ts';
import { LedgerTraces } from './tracing/ledger-traces.ts';

const systemClock: Clock = {
  now: Date.now,
  sleep: (ms, signal) => sleep(ms, undefined, signal ? { signal } : {}).catch(() => {}),
};

/** Starts a ledger process; disposing hands its lanes over at once. */
export async function startLedger(
  config: LedgerConfig,
  log: Logger,
): Promise<{ opsPort: number } & AsyncDisposable> {
  await using stack = new AsyncDisposableStack();
  const subjects = createSubjects(config.NAMESPACE);
  const processId = `${hostname()}-${process.pid}-${randomBytes(4).toString('hex')}`;
  const { BUSINESS_TIMEZONE: timeZone, LANES: lanes, CURRENCY: currency } = config;

  const pool = createPool({ applicationName: 'ledger-queries', ...databaseFrom(config) });
  stack.defer(() => pool.end());
  await holdSettings(pool, { lanes: config.LANES, timeZone });
  const nc = await connectNats({ user: 'ledger', ...natsFrom(config) });
  stack.defer(() => nc.close());
  const copies = stack.use(new BalanceCopies(config.REDIS_URL, config.NAMESPACE, log));
  const unpublished = createUnpublishedReader(pool, lanes);
  const feedParts = { nc, subjects, logger: log };
  const metrics = createMetrics();
  const gate = stack.use(new EventsGate({ nc, logger: log, lookEveryMs: 5 * config.INSPECT_MS }));
  const events = stack.use(
    new EventFeed({
      ...feedParts,
      unpublished,
      currency,
      inboxPrefix: inboxPrefix('ledger'),
      fromTable: metrics.eventFromTable,
      gate,
    }),
  );
  const history = new AnnouncedEvents(await openEventStream(nc, subjects.streams.events));
  stack.use(new DeadLetterFeed({ ...feedParts, pool }));
  const replica = config.REPLICA_DATABASE_URL
    ? stack.use(
        new ReplicaReads({
          primary: pool,
          url: config.REPLICA_DATABASE_URL,
          waitMs: config.REPLICA_WAIT_MS,
          log,
          connections: config.DATABASE_POOL_MAX,
          statementTimeoutMs: config.DATABASE_STATEMENT_TIMEOUT_MS,
          observe: metrics.answered,
        }),
      )
    : null;
  const tracing = stack.use(await startTracing('ledger', config));
  const traces = tracing && new LedgerTraces(tracing);
  const announcer = new NatsAnnouncer({
    nc: traces?.publisher(nc) ?? nc,
    copies,
    events,
    currency,
    observe: metrics.committed,
  });
  const store = new PgStore({
    ...databaseFrom(config),
    applicationName: 'ledger-writer',
    processId,
    lanes: config.LANES,
    // The others look for free lanes every quarter of LEASE_MS: a silent process has lost its lanes by the end of it.
    leaseMs: Math.floor(config.LEASE_MS * 0.75),
    onCommit: metrics.commit,
  });
  const commands = await NatsLog.open(nc, subjects, log);
  // Not worth waiting for, and no reason not to start.
  void warnOfOldCluster({ nc, subjects, logger: log }).catch(() => {});
  const recovery = new LostTailRecovery({
    marks: createLaneMarks(pool),
    log: commands,
    events: history,
    lanes: config.LANES,
    logger: log,
    wentBack: () => metrics.observe({ kind: 'database-went-back' }),
  });
  const ledger = new LedgerProcess({
    store: traces?.store(store) ?? store,
    log: commands,
    recovery,
    announcer: traces?.announcer(announcer) ?? announcer,
    clock: systemClock,
    logger: log,
    subjects,
    lanes: config.LANES,
    phoneSaltKey: config.PHONE_SALT_KEY,
    timeZone,
    batchLimit: config.BATCH_LIMIT,
    renewEveryMs: config.LEASE_MS / 4,
    inspectEveryMs: config.INSPECT_MS,
    observe: metrics.observe,
  });
  metrics.watch({
    pool,
    process: ledger,
    eventBacklog: () => events.backlog,
    vendorCache: store.cacheCounts,
    replica,
  });
  const clock = stack.use(await ClockOffset.start(pool, config.CLOCK_OFFSET_LIMIT_MS));
  metrics.connections.pool(pool, clock);
  metrics.connections.nats(nc);
  metrics.connections.redis(copies);
  const noticeLost = noticeLostEvents({
    stored: () => events.takeStored(),
    lanes: () => ledger.lanes,
    events: history,
    announceAgain: (wanted) => announceAgain(pool, wanted),
    processId,
    logger: log,
  });
  gate.begin(() => Promise.all([noticeLost(), setBackConsumers(feedParts)]));
  const running = ledger.run();
  stack.defer(async () => {
    ledger.stop();
    await running;
    await nc.flush().catch(() => {});
  });
  void resyncOnReconnect(nc, ledger);
  const reads = replica ?? { read: (query) => query(pool) };
  stack.use(serveQueries({ nc, subjects, log, pool, reads, lanes, timeZone, currency }));
  const ops = stack.use(
    await startOpsServer({
      host: config.OPS_HOST,
      port: config.OPS_PORT,
      metrics: metrics.registry,
      health: healthOf({ pool, nc, clock }),
    }),
  );
  const disposal = stack.move();
  return { opsPort: ops.port, [Symbol.asyncDispose]: () => disposal.disposeAsync() };
}

async function resyncOnReconnect(nc: NatsConnection, ledger: LedgerProcess): Promise<void> {
  for await (const { type } of nc.status()) if (type === 'reconnect') ledger.resync();
}
