import { createServer } from 'node:net';
import pg from 'pg';
import { expect, test } from 'vitest';
import { temporaryServerOptions } from '../testing/server-options.ts';
import { freePort } from './free-port.ts';
import { startPostgres } from './postgres.ts';
import { ServerStartError } from './server.ts';

async function query<R extends pg.QueryResultRow>(url: string, text: string): Promise<R[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<R>(text)).rows;
  } finally {
    await client.end();
  }
}

test('a commit survives SIGKILL, on the same port', async () => {
  await using options = temporaryServerOptions();
  const server = await startPostgres(options);
  const { url, pid } = server;
  await query(url, 'CREATE TABLE kept AS SELECT 42 AS answer');
  const ended = new Promise<string>((resolve) => server.onExit(resolve));
  await server.kill('SIGKILL');
  expect(await ended).toBe('signal SIGKILL');
  await server.restart();
  expect(server.url).toBe(url);
  expect(server.pid).not.toBe(pid);
  expect(await query(url, 'SELECT answer FROM kept')).toEqual([{ answer: 42 }]);
  await server.stop();
  expect(server.pid).toBeNull();
});

test('a commit is on the disk: fsync and synchronous_commit are on', async () => {
  await using options = temporaryServerOptions();
  const { url } = await startPostgres(options);
  expect(await query(url, 'SHOW fsync')).toEqual([{ fsync: 'on' }]);
  expect(await query(url, 'SHOW synchronous_commit')).toEqual([{ synchronous_commit: 'on' }]);
});

test('the binary that npm ships runs, and its data is for its version alone', async () => {
  await using options = temporaryServerOptions({ STACK_SERVERS: 'npm' });
  const first = await startPostgres(options);
  expect(first).toMatchObject({ source: 'npm', version: expect.stringMatching(/^18\./) });
  await first.stop();
  const again = await startPostgres(options);
  expect(again.version).toBe(first.version);
});

test('no password, no entry', async () => {
  await using options = temporaryServerOptions();
  const url = new URL((await startPostgres(options)).url);
  url.password = 'wrong';
  await expect(query(url.href, 'SELECT 1')).rejects.toThrow(/password authentication failed/);
});

test('a preferred port that is taken is replaced, and that is said', async () => {
  await using options = temporaryServerOptions();
  const port = await freePort();
  const squatter = createServer();
  await new Promise<void>((resolve) => squatter.listen(port, '127.0.0.1', resolve));
  try {
    const { url } = await startPostgres({ ...options, port });
    expect(new URL(url).port).not.toBe(String(port));
    expect(options.lines).toContainEqual(expect.stringContaining(`port ${port} is taken`));
  } finally {
    squatter.close();
  }
});

test('a server that cannot start says why, in its own words', async () => {
  await using options = temporaryServerOptions();
  const starting = startPostgres({ ...options, settings: { no_such_setting: 'on' } });
  await expect(starting).rejects.toThrow(ServerStartError);
  await expect(starting).rejects.toThrow(/no_such_setting/);
});
