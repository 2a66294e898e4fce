import { createPool } from '@b2b-charge/runtime';
import { expect, test } from 'vitest';
import { createPlayground } from '../harness.ts';

test('a connection that breaks while it is in use does not end the process', async () => {
  await using playground = await createPlayground();
  const pool = createPool({
    url: playground.database.urls.ledger,
    applicationName: 'test',
    max: 1,
    statementTimeoutMs: 5_000,
  });
  const client = await pool.connect();
  const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
  const ended = new Promise((resolve) => client.once('end', resolve));
  // Between two queries: nobody waits for an answer to which the error could go.
  await playground.sql('SELECT pg_terminate_backend($1)', [rows[0]!.pid]);
  await ended;
  await expect(client.query('SELECT 1')).rejects.toThrow();
  client.release(true);
  expect((await pool.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
  await pool.end();
});
