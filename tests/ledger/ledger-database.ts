import { createPool } from '@b2b-charge/runtime';
import { testDatabase } from '@b2b-charge/stack';
import pg from 'pg';
import { inject } from 'vitest';
import { TEHRAN } from '../../services/ledger/simulator/given.ts';
import { holdSettings } from '../../services/ledger/src/lanes/stored-settings.ts';
import { PgStore } from '../../services/ledger/src/store/pg-store.ts';

export const LEASE_MS = 1_000;

/** A ledger's tables of one test file's own, under a clock that the test sets. */
export interface LedgerDatabase extends AsyncDisposable {
  /** As the database's owner, who is a superuser here. */
  readonly admin: pg.Client;
  /** As the ledger's own role. */
  readonly pool: pg.Pool;
  /** Another connection of the owner's. */
  connect(): Promise<pg.Client>;
  /** A ledger process's store, connected. */
  store(processId: string): Promise<PgStore>;
  /** From now on the database believes that it is that time. */
  setClock(ms: number): Promise<void>;
}

/** What is found before pg_catalog is taken instead of it. */
const CLOCK = `
  CREATE SCHEMA test_clock;
  CREATE TABLE test_clock.now (at timestamptz NOT NULL);
  INSERT INTO test_clock.now VALUES ('2026-11-24T12:00:00Z');
  CREATE FUNCTION test_clock.clock_timestamp() RETURNS timestamptz LANGUAGE sql VOLATILE AS
    'SELECT at FROM test_clock.now';
  GRANT USAGE ON SCHEMA test_clock TO PUBLIC;
  GRANT SELECT ON test_clock.now TO PUBLIC;`;

export async function createLedgerDatabase(lanes = 16): Promise<LedgerDatabase> {
  await using stack = new AsyncDisposableStack();
  const database = stack.use(await testDatabase(inject('servers')));
  const connect = async (): Promise<pg.Client> => {
    const client = new pg.Client({ connectionString: database.adminUrl });
    await client.connect();
    disposal.defer(() => client.end());
    return client;
  };
  let disposal: AsyncDisposableStack = stack;
  const admin = await connect();
  await admin.query(CLOCK);
  const url = new URL(database.urls.ledger);
  url.searchParams.set('options', '-c search_path=test_clock,pg_catalog');
  const pool = createPool({ url: url.href, applicationName: 'test', max: 4, statementTimeoutMs: 30_000 });
  stack.defer(() => pool.end());
  await holdSettings(pool, { lanes, timeZone: TEHRAN });
  disposal = stack.move();
  return {
    admin,
    connect,
    pool,
    store: async (processId) => {
      const store = new PgStore({
        ...{ url: url.href, applicationName: processId, idleInTransactionMs: 30_000 },
        ...{ statementTimeoutMs: 30_000, processId, lanes, leaseMs: LEASE_MS, timeZone: TEHRAN },
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
