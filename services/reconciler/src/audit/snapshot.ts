import type pg from 'pg';

/** One moment of the database, seen by one or several connections; nothing can be written through it. */
export interface Snapshot extends AsyncDisposable {
  readonly takenAt: Date;
  /** How far the server had written, or replayed, its journal about then. */
  readonly lsn: string;
  /** Connections that see the same moment. */
  readonly readers: readonly Reader[];
}

export interface Reader {
  query<R extends pg.QueryResultRow>(text: string, values?: readonly unknown[]): Promise<R[]>;
}

/**
 * Opens a snapshot over `count` connections. A shop that goes on selling is not seen and not disturbed: no lock is
 * taken, and the transactions cannot write. `ready` is called with the connection that takes it, before it does.
 */
export async function openSnapshot(
  pool: pg.Pool,
  count: number,
  ready: (client: pg.PoolClient) => Promise<void> = async () => {},
): Promise<Snapshot> {
  await using opened = new AsyncDisposableStack();
  const clients: pg.PoolClient[] = [];
  for (let index = 0; index < count; index++) {
    const client = await pool.connect();
    opened.defer(() => release(client));
    clients.push(client);
  }
  const first = clients[0]!;
  await ready(first);
  await begin(first);
  const { rows } = await first.query<{ snapshot: string; taken_at: Date; lsn: string }>(
    `SELECT pg_export_snapshot() AS snapshot, clock_timestamp() AS taken_at,
       CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_lsn() END::text AS lsn`,
  );
  const { snapshot, taken_at: takenAt, lsn } = rows[0]!;
  for (const client of clients.slice(1)) {
    await begin(client);
    await client.query(`SET TRANSACTION SNAPSHOT ${client.escapeLiteral(snapshot)}`);
  }
  const owned = opened.move();
  return {
    takenAt,
    lsn,
    readers: clients.map(readerOf),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

export const readerOf = (client: pg.Pool | pg.PoolClient): Reader => ({
  async query<R extends pg.QueryResultRow>(text: string, values: readonly unknown[] = []) {
    const { rows } = await client.query<R>(text, [...values]);
    return rows;
  },
});

async function begin(client: pg.PoolClient): Promise<void> {
  await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
  // Short statements over index ranges: compiling them costs more than it saves.
  await client.query('SET LOCAL jit = off');
}

async function release(client: pg.PoolClient): Promise<void> {
  try {
    await client.query('ROLLBACK');
    client.release();
  } catch (error) {
    client.release(error as Error);
  }
}
