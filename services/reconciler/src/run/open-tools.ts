import { createSubjects } from '@b2b-charge/contracts';
import { connectNats, createPool, databaseFrom, natsFrom } from '@b2b-charge/runtime';
import { Redis } from 'ioredis';
import type { ReconcilerConfig } from '../config.ts';
import { loadKeys } from '../keys/signing-key.ts';
import { lastPublished } from '../report/publish.ts';
import type { AuditTools } from './audit-tools.ts';
import { openReplica } from './open-replica.ts';

export interface OpenTools extends AuditTools, AsyncDisposable {
  readonly redis: Redis;
}

/** Connects to everything that an audit reads; Redis may be away. Waits for NATS without end unless told how long. */
export async function openTools(config: ReconcilerConfig, natsWithinMs?: number): Promise<OpenTools> {
  await using parts = new AsyncDisposableStack();
  const pool = createPool({ applicationName: 'reconciler', ...databaseFrom(config) });
  parts.defer(() => pool.end());
  const replica = openReplica(config, 'reconciler');
  parts.defer(async () => replica?.pool.end());
  const redis = parts.adopt(
    new Redis(config.REDIS_URL, {
      lazyConnect: true,
      commandTimeout: 5_000,
      connectTimeout: 2_000,
      maxRetriesPerRequest: 0,
      maxLoadingRetryTime: 250,
      enableOfflineQueue: false,
      retryStrategy: (attempts) => Math.min(attempts * 100, 2_000),
    }),
    async (client) => client.disconnect(),
  );
  redis.on('error', () => {}); // told when it is needed
  await redis.connect().catch(() => {});
  const nc = await connectNats({ user: 'reconciler', ...natsFrom(config), withinMs: natsWithinMs });
  parts.defer(() => nc.close());
  const subjects = createSubjects(config.NAMESPACE);
  const owned = parts.move();
  return {
    pool,
    replica,
    nc,
    redis,
    subjects,
    namespace: config.NAMESPACE,
    keys: config.SIGNING_KEY_FILE === undefined ? null : loadKeys(config.SIGNING_KEY_FILE),
    published: () => lastPublished(nc, subjects),
    lanes: config.LANES,
    timeZone: config.BUSINESS_TIMEZONE,
    currency: config.CURRENCY,
    minorLimit: config.MINOR_DISCREPANCY_LIMIT,
    workers: config.AUDIT_WORKERS,
    trustedCreditSources: config.CREDIT_SOURCES,
    creditPostedWithinMs: config.CREDIT_POSTED_WITHIN_S * 1_000,
    logSettleMs: config.AUDIT_LOG_SETTLE_MS,
    checkpointHistoryMs: config.CHECKPOINT_HISTORY_DAYS * 86_400_000,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}
