import { SERVICES, type ServiceName } from '@b2b-charge/contracts';
import { ConfigError, createPool, databaseFrom, parseSettings } from '@b2b-charge/runtime';
import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { SETTINGS } from '../../scripts/settings-schemas.ts';
import { parseConfig as parseLedger } from '../../services/ledger/src/config.ts';
import { parseConfig as parseReconciler } from '../../services/reconciler/src/config.ts';
import { createPlayground, type Playground, waitFor } from '../harness.ts';

let playground: Playground;
beforeAll(async () => {
  playground = await createPlayground();
  await playground.sql('CREATE TABLE public.held (id int); GRANT ALL ON public.held TO PUBLIC');
});
afterAll(() => playground[Symbol.asyncDispose]());

/** A service's pool under settings of its environment. */
async function withPool(
  service: ServiceName,
  settings: Record<string, string>,
  use: (pool: pg.Pool) => Promise<void>,
): Promise<void> {
  const environment = playground.environment(service, settings);
  const config = parseSettings(SETTINGS[service], environment);
  const pool = createPool({ applicationName: 'time-outs', ...databaseFrom(config) });
  try {
    await use(pool);
  } finally {
    await pool.end();
  }
}

describe.each(SERVICES)('%s', (service) => {
  test('a statement, a lock and a transaction each end after their time, and say which it was', async () => {
    const settings = {
      DATABASE_STATEMENT_TIMEOUT_MS: '200',
      DATABASE_LOCK_TIMEOUT_MS: '50',
      DATABASE_IDLE_IN_TRANSACTION_TIMEOUT_MS: '100',
    };
    await withPool(service, settings, async (pool) => {
      await expect(pool.query('SELECT pg_sleep(60)')).rejects.toMatchObject({ code: '57014' });

      const holder = await pool.connect();
      await holder.query('SET idle_in_transaction_session_timeout = 0');
      await holder.query('BEGIN; LOCK TABLE public.held');
      await expect(pool.query('SELECT FROM public.held')).rejects.toMatchObject({ code: '55P03' });
      await holder.query('ROLLBACK');
      holder.release(true);

      const idle = await pool.connect();
      const ended = new Promise<{ code?: string }>((resolve) => idle.once('error', resolve));
      await idle.query('BEGIN');
      expect(await ended).toMatchObject({ code: '25P03' });
      idle.release(true);
    });
  });

  test('no more connections than the pool may hold; one that was not used is closed', async () => {
    const { DATABASE_POOL_MAX } = SETTINGS[service].shape;
    const max = DATABASE_POOL_MAX.parse(undefined) as number;
    const settings = { DATABASE_CONNECT_TIMEOUT_MS: '100', DATABASE_IDLE_TIMEOUT_MS: '100' };
    await withPool(service, settings, async (pool) => {
      const clients: pg.PoolClient[] = [];
      // One after the other: a busy machine may take longer than the time-out for many at once.
      while (clients.length < max) clients.push(await connect(pool));
      await expect(pool.connect()).rejects.toThrow(/timeout exceeded/);
      expect(pool.totalCount).toBe(max);
      for (const client of clients) client.release();
      await waitFor(() => pool.totalCount === 0);
    });
  });
});

/** Until it succeeds: the time-out is short. */
async function connect(pool: pg.Pool): Promise<pg.PoolClient> {
  for (;;) {
    const client = await pool.connect().catch(() => null);
    if (client) return client;
  }
}

test('a time-out cannot be turned off, and a lock’s is below a statement’s', () => {
  const ledger = (settings: Record<string, string>) => () =>
    parseLedger(playground.environment('ledger', settings));
  expect(ledger({ DATABASE_STATEMENT_TIMEOUT_MS: '0' })).toThrow(ConfigError);
  expect(ledger({ DATABASE_IDLE_IN_TRANSACTION_TIMEOUT_MS: '0' })).toThrow(ConfigError);
  expect(ledger({ DATABASE_STATEMENT_TIMEOUT_MS: '5000' })).toThrow(
    'DATABASE_LOCK_TIMEOUT_MS: must be below DATABASE_STATEMENT_TIMEOUT_MS',
  );
  expect(ledger({ DATABASE_STATEMENT_TIMEOUT_MS: '5001' })).not.toThrow();
});

test('a reconciler whose pool cannot feed its audit does not start', () => {
  const environment = playground.environment('reconciler', { AUDIT_WORKERS: '3' });
  expect(() => parseReconciler(environment)).toThrow('DATABASE_POOL_MAX: must be at least AUDIT_WORKERS');
  expect(() => parseReconciler({ ...environment, DATABASE_POOL_MAX: '7' })).not.toThrow();
});
