import { Kysely, PostgresDialect } from 'kysely';
import pg from 'pg';

export interface PoolOptions {
  readonly url: string;
  readonly applicationName: string;
  readonly max: number;
  readonly statementTimeoutMs: number;
  readonly connectionTimeoutMs?: number;
}

/** A pool, or one connection of it. */
export type Queryable = Pick<pg.Pool, 'query'>;

/** A pool whose connections may break, idle or in use, without ending the process; the next query gets a new one. */
export function createPool({
  url,
  applicationName,
  max,
  statementTimeoutMs,
  connectionTimeoutMs = 5_000,
}: PoolOptions): pg.Pool {
  const pool = new pg.Pool({
    connectionString: url,
    application_name: applicationName,
    max,
    connectionTimeoutMillis: connectionTimeoutMs,
    idleTimeoutMillis: 30_000,
    statement_timeout: statementTimeoutMs,
    keepAlive: true,
  });
  pool.on('error', () => {});
  // The pool listens to idle clients only. One in use fails its query, and then still says so to nobody, which is fatal.
  pool.on('connect', (client) => client.on('error', () => {}));
  return pool;
}

/** kysely on a pool. int8 stays a string until the table's edge makes it a bigint. */
export const createKysely = <DB>(pool: pg.Pool): Kysely<DB> =>
  new Kysely<DB>({ dialect: new PostgresDialect({ pool }) });
