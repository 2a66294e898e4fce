import { Kysely, PostgresDialect } from 'kysely';
import pg from 'pg';

/** How long each thing may take at most. */
export interface DatabaseLimits {
  readonly statementTimeoutMs: number;
  /** Half of a statement's, unless given. */
  readonly lockTimeoutMs?: number;
  /** As long as a statement, unless given. */
  readonly idleInTransactionTimeoutMs?: number;
  readonly connectTimeoutMs?: number;
  /** The URL leads to a pooler in transaction mode: what one connection is told, another one's transactions do not know. */
  readonly pooled?: boolean;
}

export interface PoolOptions extends DatabaseLimits {
  readonly url: string;
  readonly applicationName: string;
  readonly max: number;
  readonly idleTimeoutMs?: number;
}

/** What a connection begins with. */
export const clientConfig = ({
  url,
  applicationName,
  statementTimeoutMs,
  lockTimeoutMs = Math.ceil(statementTimeoutMs / 2),
  idleInTransactionTimeoutMs = statementTimeoutMs,
  connectTimeoutMs = 5_000,
  pooled = false,
}: Omit<PoolOptions, 'max'>): pg.ClientConfig => ({
  connectionString: url,
  application_name: applicationName,
  connectionTimeoutMillis: connectTimeoutMs,
  // A pooler refuses them: there they are the role's (require-time-outs.ts).
  ...(pooled
    ? {}
    : {
        statement_timeout: statementTimeoutMs,
        lock_timeout: lockTimeoutMs,
        idle_in_transaction_session_timeout: idleInTransactionTimeoutMs,
      }),
  keepAlive: true,
});

/** A pool, or one connection of it. */
export type Queryable = Pick<pg.Pool, 'query'>;

/** A pool whose connections may break, idle or in use, without ending the process; the next query gets a new one. */
export function createPool({ max, idleTimeoutMs = 30_000, ...options }: PoolOptions): pg.Pool {
  const pool = new pg.Pool({ ...clientConfig(options), max, idleTimeoutMillis: idleTimeoutMs });
  pool.on('error', () => {});
  // The pool listens to idle clients only. One in use fails its query, and then still says so to nobody, which is fatal.
  pool.on('connect', (client) => client.on('error', () => {}));
  return pool;
}

/** kysely on a pool. int8 stays a string until the table's edge makes it a bigint. */
export const createKysely = <DB>(pool: pg.Pool): Kysely<DB> =>
  new Kysely<DB>({ dialect: new PostgresDialect({ pool }) });
