import { createPool } from '@b2b-charge/runtime';
import { testDatabase } from '@b2b-charge/stack';
import pg from 'pg';
import { inject } from 'vitest';
import { NOON, TEHRAN } from '../../services/ledger/simulator/given.ts';
import { holdSettings } from '../../services/ledger/src/lanes/stored-settings.ts';
import { PgStore } from '../../services/ledger/src/store/pg-store.ts';

export const LEASE_MS = 1_000;

/** A ledger's tables of one test file's own, under a clock that the test sets. */
export interface LedgerDatabase extends AsyncDisposable {
  /** As the database's owner, who is a superuser here. */
  readonly admin: pg.Client;
  /** As the ledger's own role, for reading. */
  pool(settings?: string): pg.Pool;
  /** A ledger process's store, connected. */
  store(processId: string, settings?: string, statementTimeoutMs?: number): Promise<PgStore>;
  /** From now on the database believes that it is that time. */
  setClock(ms: number): Promise<void>;
}

interface Options {
  readonly lanes?: number;
  /** Settings of the ledger's role in this database. */
  readonly settings?: readonly string[];
}

/** Stands at NOON until the test sets it. Functions in a schema before pg_catalog are called instead of its own. */
const CLOCK = `
  CREATE SCHEMA test_clock;
  CREATE TABLE test_clock.now (at timestamptz NOT NULL);
  INSERT INTO test_clock.now VALUES ('${new Date(NOON).toISOString()}');
  CREATE FUNCTION test_clock.clock_timestamp() RETURNS timestamptz LANGUAGE sql VOLATILE AS
    'SELECT at FROM test_clock.now';
  CREATE FUNCTION test_clock.now() RETURNS timestamptz LANGUAGE sql STABLE AS 'SELECT at FROM test_clock.now';
  GRANT USAGE ON SCHEMA test_clock TO PUBLIC;
  GRANT SELECT ON test_clock.now TO PUBLIC;`;

export async function createLedgerDatabase({
  lanes = 16,
  settings = [],
}: Options = {}): Promise<LedgerDatabase> {
  await using stack = new AsyncDisposableStack();
  const database = stack.use(await testDatabase(inject('servers')));
  const admin = new pg.Client({ connectionString: database.adminUrl });
  await admin.connect();
  stack.defer(() => admin.end());
  await admin.query(CLOCK);
  for (const setting of settings)
    await admin.query(`ALTER ROLE b2b_ledger IN DATABASE ${database.name} SET ${setting}`);
  const urlWith = (more: string): string => {
    const url = new URL(database.urls.ledger);
    url.searchParams.set('options', `-c search_path=test_clock,pg_catalog ${more}`);
    return url.href;
  };
  const pools: pg.Pool[] = [];
  stack.defer(async () => void (await Promise.all(pools.map((pool) => pool.end()))));
  const poolWith = (more = ''): pg.Pool => {
    const options = { url: urlWith(more), applicationName: 'test', max: 4, statementTimeoutMs: 30_000 };
    const pool = createPool(options);
    pools.push(pool);
    return pool;
  };
  await holdSettings(poolWith(), { lanes, timeZone: TEHRAN });
  const disposal = stack.move();
  return {
    admin,
    pool: poolWith,
    store: async (processId, more = '', statementTimeoutMs = 30_000) => {
      const store = new PgStore({
        url: urlWith(more),
        applicationName: processId,
        idleInTransactionTimeoutMs: 30_000,
        statementTimeoutMs,
        processId,
        lanes,
        leaseMs: LEASE_MS,
      });
      await store.connect();
      disposal.defer(() => store.close());
      return store;
    },
    setClock: async (ms) => {
      await admin.query('UPDATE test_clock.now SET at = $1', [new Date(ms).toISOString()]);
    },
    [Symbol.asyncDispose]: () => disposal.disposeAsync(),
  };
}
