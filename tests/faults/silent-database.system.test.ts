import { createPool, isAway, type PoolOptions, SilentDatabaseError } from '@b2b-charge/runtime';
import type pg from 'pg';
import { afterAll, beforeAll, test } from 'vitest';
import { CuttableProxy } from '../gateway/proxy.ts';
import { createPlayground, type Playground, waitFor } from '../harness.ts';

/** A server that takes what it is sent, and answers nothing: TCP has nothing to complain of. */

let playground: Playground;
beforeAll(async () => {
  playground = await createPlayground();
});
afterAll(() => playground[Symbol.asyncDispose]());

/** A pool whose server can be silenced; connections opened after that find it well. */
async function silenceable(
  options: Partial<PoolOptions> & { statementTimeoutMs: number },
  use: (pool: pg.Pool, proxy: CuttableProxy) => Promise<void>,
): Promise<void> {
  const { proxy, url } = await CuttableProxy.to(playground.database.urls.ledger);
  await using _ = proxy;
  const pool = createPool({ url, applicationName: 'silence', max: 4, ...options });
  try {
    await use(pool, proxy);
  } finally {
    await pool.end();
  }
}

/** Opens so many connections, and leaves them idle. */
async function open(pool: pg.Pool, count: number): Promise<void> {
  const clients = await Promise.all(Array.from({ length: count }, () => pool.connect()));
  for (const client of clients) {
    await client.query('SELECT 1');
    client.release();
  }
}

test.concurrent('a query rejects, its connection is broken off, and so are the idle ones: the next query finds a new one', async ({
  expect,
}) => {
  await silenceable({ statementTimeoutMs: 100 }, async (pool, proxy) => {
    await open(pool, 4);
    proxy.stall();
    const error = await pool.query('SELECT 1').catch((error: Error) => error);
    expect(error).toBeInstanceOf(SilentDatabaseError);
    expect(isAway(error)).toBe(true);
    await waitFor(() => pool.totalCount === 0);
    expect((await pool.query('SELECT 2 AS two')).rows).toEqual([{ two: 2 }]);
    expect(pool.totalCount).toBe(1);
  });
});

test.concurrent('in a transaction the roll-back does not wait again, and says that the database is away', async ({
  expect,
}) => {
  await silenceable({ statementTimeoutMs: 100 }, async (pool, proxy) => {
    const client = await pool.connect();
    await client.query('BEGIN');
    proxy.stall();
    await expect(client.query('SELECT 1')).rejects.toBeInstanceOf(SilentDatabaseError);
    const error = await client.query('ROLLBACK').catch((error: Error) => error);
    expect(isAway(error)).toBe(true);
    client.release();
    expect(pool.totalCount).toBe(0);
  });
});

test.concurrent('where nobody can be asked, the longest that a statement may take is the bound', async ({
  expect,
}) => {
  await silenceable({ statementTimeoutMs: 100, balanced: true }, async (pool, proxy) => {
    await open(pool, 1);
    proxy.stall();
    await expect(pool.query('SELECT 1')).rejects.toBeInstanceOf(SilentDatabaseError);
  });
});

test.concurrent('one that is at work is waited for', async ({ expect }) => {
  await silenceable({ statementTimeoutMs: 60_000 }, async (pool) => {
    const { rows } = await pool.query(`SELECT 'done' AS it FROM pg_sleep(6)`);
    expect(rows).toEqual([{ it: 'done' }]);
  });
});

test.concurrent('one that has been asked after and is not at it any more is given up at once, whatever it may take', async ({
  expect,
}) => {
  await silenceable({ statementTimeoutMs: 600_000 }, async (pool, proxy) => {
    await open(pool, 1);
    proxy.stall();
    await expect(pool.query('SELECT 1')).rejects.toBeInstanceOf(SilentDatabaseError);
  });
});

test.concurrent('to end a pool does not wait for a server that is silent', async ({ expect }) => {
  await silenceable({ statementTimeoutMs: 60_000 }, async (pool, proxy) => {
    const client = await pool.connect();
    const ended = new Promise((resolve) => client.once('end', resolve));
    client.release();
    proxy.stall();
    await expect(pool.end()).resolves.toBeUndefined();
    await ended;
    pool.end = async () => {};
  });
});
