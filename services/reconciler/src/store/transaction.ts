import type pg from 'pg';

export type Tx = pg.PoolClient;

/** Runs `work` in one transaction; what it throws rolls it back. */
export async function inTransaction<T>(pool: pg.Pool, work: (tx: Tx) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    const result = await work(client);
    await client.query('COMMIT');
    client.release();
    return result;
  } catch (error) {
    await client.query('ROLLBACK').then(
      () => client.release(),
      (failed: Error) => client.release(failed),
    );
    throw error;
  }
}
