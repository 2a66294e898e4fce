import { Kysely, PostgresDialect } from 'kysely';
import pg from 'pg';
import { BoundedClient, type BoundedConfig, SilentDatabaseError } from './bounded-client.ts';

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
  /** The URL may lead to one of several servers, as that of replicas. */
  readonly balanced?: boolean;
}

export interface PoolOptions extends DatabaseLimits {
  readonly url: string;
  readonly applicationName: string;
  readonly max: number;
  readonly idleTimeoutMs?: number;
}

/** What an answer may take longer than its statement: the way, and a pooler's wait for a connection. */
const ANSWER_GRACE_MS = 2_000;
/** TCP asks an idle server after this long, and every second then; after ten without an answer the connection is broken. */
const KEEP_ALIVE_AFTER_MS = 10_000;

/** What a connection begins with. */
export const clientConfig = ({
  url,
  applicationName,
  statementTimeoutMs,
  lockTimeoutMs = Math.ceil(statementTimeoutMs / 2),
  idleInTransactionTimeoutMs = statementTimeoutMs,
  connectTimeoutMs = 5_000,
  pooled = false,
  balanced = false,
}: Omit<PoolOptions, 'max'>): BoundedConfig => ({
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
  keepAliveInitialDelayMillis: KEEP_ALIVE_AFTER_MS,
  answerWithinMs: statementTimeoutMs + ANSWER_GRACE_MS + (pooled ? connectTimeoutMs : 0),
  canBeAsked: !pooled && !balanced,
  namesStatements: !pooled,
});

/** A pool, or one connection of it. */
export type Queryable = Pick<pg.Pool, 'query'>;

/** A pool whose connections may break, idle or in use, without ending the process; the next query gets a new one. */
export function createPool({ max, idleTimeoutMs = 30_000, ...options }: PoolOptions): pg.Pool {
  const open = new Set<BoundedClient>();
  const config = { ...clientConfig(options), max, idleTimeoutMillis: idleTimeoutMs, Client: BoundedClient };
  const pool = new pg.Pool(config as unknown as pg.PoolConfig);
  pool.on('error', () => {});
  pool.on('connect', (given) => {
    const client = given as unknown as BoundedClient;
    open.add(client);
    client.once('end', () => open.delete(client));
    // The pool listens to idle clients only. One in use fails its query, and then still says so to nobody, which is fatal.
    client.on('error', (error) => {
      // Nobody else has to wait to find out that the others lead to the same silence.
      if (error instanceof SilentDatabaseError) for (const other of open) other.doubt(error);
    });
  });
  return pool;
}

/** kysely on a pool. int8 stays a string until the table's edge makes it a bigint. */
export const createKysely = <DB>(pool: pg.Pool): Kysely<DB> =>
  new Kysely<DB>({ dialect: new PostgresDialect({ pool }) });
