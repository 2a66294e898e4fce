import type { NatsConnection } from '@nats-io/transport-node';
import type pg from 'pg';
import { Counter, type Registry } from 'prom-client';
import { readGauge } from './registry.ts';

/** What a service tells of its connections; each is watched from when it exists. */
export interface ConnectionMetrics {
  pool(pool: pg.Pool, clock: { readonly offsetMs: number }): void;
  nats(nc: NatsConnection): void;
  /** An ioredis client. */
  redis(client: { readonly status: string }): void;
}

/** To be called before other metrics are made: those may query as they are read, and would be seen waiting. */
export function connectionMetrics(registry: Registry): ConnectionMetrics {
  let pool: pg.Pool | null = null;
  let nats: { up: boolean } | null = null;
  let redis: { readonly status: string } | null = null;
  readGauge(
    registry,
    {
      name: 'b2b_database_pool_connections',
      help: 'Connections of the pool to PostgreSQL, by what they do',
      labelNames: ['state'],
    },
    () =>
      pool
        ? [
            [{ state: 'busy' }, pool.totalCount - pool.idleCount],
            [{ state: 'idle' }, pool.idleCount],
          ]
        : [],
  );
  readGauge(
    registry,
    { name: 'b2b_database_pool_size', help: 'Connections that the pool may open' },
    () => pool?.options.max ?? 0,
  );
  readGauge(
    registry,
    { name: 'b2b_database_pool_waiting', help: 'Queries that wait for a connection of the pool' },
    () => pool?.waitingCount ?? 0,
  );
  readGauge(registry, { name: 'b2b_nats_up', help: '1 while connected to NATS' }, () => (nats?.up ? 1 : 0));
  const losses = new Counter({
    name: 'b2b_nats_disconnects_total',
    help: 'Times that the connection to NATS was lost',
    registers: [registry],
  });
  readGauge(
    registry,
    { name: 'b2b_redis_up', help: '1 while connected to Redis; no series in a service that does not use it' },
    () => (redis ? Number(redis.status === 'ready') : []),
  );
  let clock: { readonly offsetMs: number } | null = null;
  readGauge(
    registry,
    {
      name: 'b2b_clock_offset_seconds',
      help: "How far the clock of this process is ahead of PostgreSQL's; negative if it is behind",
    },
    () => (clock ? clock.offsetMs / 1_000 : []),
  );
  return {
    pool: (given, against) => {
      pool = given;
      clock = against;
    },
    nats: (nc) => {
      const state = { up: true };
      nats = state;
      void follow(nc, state, () => losses.inc());
    },
    redis: (client) => {
      redis = client;
    },
  };
}

async function follow(nc: NatsConnection, state: { up: boolean }, lost: () => void): Promise<void> {
  for await (const { type } of nc.status()) {
    if (type === 'disconnect') {
      if (state.up) lost();
      state.up = false;
    }
    if (type === 'reconnect') state.up = true;
  }
  state.up = false;
}
