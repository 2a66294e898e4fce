import { jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { Redis } from 'ioredis';
import pg from 'pg';

/** What servers say of their clients; a server that was killed keeps nobody waiting. */
const ASK_WITHIN_MS = 2_000;
const STREAMS = ['LEDGER_COMMANDS', 'LEDGER_EVENTS'];

/** Connections by role. */
export async function postgresConnections(databaseUrl: string): Promise<Map<string, number>> {
  const client = new pg.Client({
    connectionString: databaseUrl,
    connectionTimeoutMillis: ASK_WITHIN_MS,
    query_timeout: ASK_WITHIN_MS,
  });
  client.on('error', () => {});
  try {
    await client.connect();
    const { rows } = await client.query<{ name: string; count: string }>(
      `SELECT usename AS name, count(*) AS count FROM pg_stat_activity WHERE usename LIKE 'b2b\\_%' GROUP BY 1`,
    );
    return new Map(rows.map(({ name, count }) => [name, Number(count)]));
  } finally {
    await client.end().catch(() => {});
  }
}

/** Connections and their subscriptions by user. */
export async function natsConnections(monitorPort: number) {
  const url = `http://127.0.0.1:${monitorPort}/connz?limit=1024`;
  const answer = await fetch(url, { signal: AbortSignal.timeout(ASK_WITHIN_MS) });
  const { connections: found } = (await answer.json()) as {
    connections: { name?: string; subscriptions: number }[];
  };
  const connections = new Map<string, number>();
  const subscriptions = new Map<string, number>();
  for (const { name = 'nameless', subscriptions: count } of found) {
    connections.set(name, (connections.get(name) ?? 0) + 1);
    subscriptions.set(name, (subscriptions.get(name) ?? 0) + count);
  }
  return { connections, subscriptions };
}

export async function redisClients(url: string): Promise<number> {
  const redis = new Redis(url, {
    lazyConnect: true,
    connectTimeout: ASK_WITHIN_MS,
    commandTimeout: ASK_WITHIN_MS,
    retryStrategy: () => null,
  });
  redis.on('error', () => {});
  try {
    await redis.connect();
    return Number(/connected_clients:(\d+)/.exec(await redis.info('clients'))![1]);
  } finally {
    redis.disconnect();
  }
}

export async function streamStates(nc: NatsConnection) {
  const manager = await jetstreamManager(nc, { checkAPI: false, timeout: ASK_WITHIN_MS });
  return Promise.all(
    STREAMS.map(async (name) => {
      const { state } = await manager.streams.info(name);
      return { name, bytes: state.bytes, consumers: state.consumer_count };
    }),
  );
}
