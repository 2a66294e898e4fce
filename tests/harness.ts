import { randomBytes } from 'node:crypto';
import { createSubjects, type ServiceName, type Subjects } from '@b2b-charge/contracts';
import { connectNats, createLogger, ensureStreams } from '@b2b-charge/runtime';
import { type TestDatabase, testDatabase } from '@b2b-charge/stack';
import type { NatsConnection } from '@nats-io/transport-node';
import { inject } from 'vitest';

const MEBIBYTE = 1024 ** 2;

/** A database, streams and key prefix of one test file's own, on the servers of the run. */
export interface Playground extends AsyncDisposable {
  readonly namespace: string;
  readonly subjects: Subjects;
  readonly database: TestDatabase;
  /** As the operator, who may watch everything. */
  readonly nc: NatsConnection;
  /** A service's environment, here. */
  environment(service: ServiceName, extra?: Record<string, string>): Record<string, string>;
}

export async function createPlayground(): Promise<Playground> {
  await using stack = new AsyncDisposableStack();
  const servers = inject('servers');
  const namespace = `t${randomBytes(6).toString('hex')}`;
  const subjects = createSubjects(namespace);
  const database = stack.use(await testDatabase(servers));
  const nc = await connectNats({
    user: 'operator',
    url: servers.natsUrl,
    nkeySeed: servers.natsSeeds.operator,
  });
  stack.defer(() => nc.close());
  await ensureStreams(nc, subjects, {
    replicas: 1,
    commandsMaxBytes: 256 * MEBIBYTE,
    eventsMaxBytes: 256 * MEBIBYTE,
  });
  stack.defer(async () => {
    const { jetstreamManager } = await import('@nats-io/jetstream');
    const manager = await jetstreamManager(nc);
    await Promise.all(Object.values(subjects.streams).map((name) => manager.streams.delete(name)));
  });
  const disposal = stack.move();
  return {
    namespace,
    subjects,
    database,
    nc,
    environment: (service, extra = {}) => ({
      DATABASE_URL: database.urls[service],
      NATS_URL: servers.natsUrl,
      NATS_NKEY_SEED: servers.natsSeeds[service] ?? '',
      REDIS_URL: servers.redisUrl,
      NAMESPACE: namespace,
      LOG_LEVEL: 'error',
      ...extra,
    }),
    [Symbol.asyncDispose]: () => disposal.disposeAsync(),
  };
}

export const testLogger = (service: string) => createLogger(service, process.env.LOG_LEVEL ?? 'error');
