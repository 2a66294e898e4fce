import { jetstreamManager } from '@nats-io/jetstream';
import { createUser } from '@nats-io/nkeys';
import { connect, nkeyAuthenticator } from '@nats-io/transport-node';
import { expect, test } from 'vitest';
import { temporaryServerOptions } from '../testing/server-options.ts';
import { startNats } from './nats.ts';
import { waitUntil } from './wait-until.ts';

const everything = { publish: ['>'], subscribe: ['>'] };

function user(permissions: { publish: string[]; subscribe: string[] }) {
  const key = createUser();
  return {
    entry: { name: 'someone', publicKey: key.getPublicKey(), permissions },
    connect: (url: string) =>
      connect({ servers: url, reconnect: false, authenticator: nkeyAuthenticator(key.getSeed()) }),
  };
}

test('a stream is still there after SIGKILL, on the same port', async () => {
  await using options = temporaryServerOptions();
  const someone = user(everything);
  const server = await startNats({ ...options, users: [someone.entry] });
  const { url } = server;
  const before = await someone.connect(url);
  await (await jetstreamManager(before)).streams.add({ name: 'KEPT', subjects: ['kept.>'] });
  await server.kill('SIGKILL');
  await before.closed();
  await server.restart();
  expect(server.url).toBe(url);
  const after = await someone.connect(url);
  const { config } = await (await jetstreamManager(after)).streams.info('KEPT');
  expect(config.subjects).toEqual(['kept.>']);
  await after.close();
});

test('a user publishes where its permissions allow, and nowhere else', async () => {
  await using options = temporaryServerOptions();
  const someone = user({ publish: ['mine.*'], subscribe: ['_INBOX.>'] });
  const { url } = await startNats({ ...options, users: [someone.entry] });
  const connection = await someone.connect(url);
  const errors: string[] = [];
  void (async () => {
    for await (const status of connection.status()) {
      if (status.type === 'error') errors.push(status.error.message);
    }
  })();
  connection.publish('mine.a');
  connection.publish('theirs.a');
  await connection.flush();
  await waitUntil(() => errors.length || undefined, { timeoutMs: 5_000 });
  expect(errors).toEqual([expect.stringContaining('theirs.a')]);
  await connection.close();
});

test('nobody comes in without a key', async () => {
  await using options = temporaryServerOptions();
  const { url } = await startNats({ ...options, users: [user(everything).entry] });
  await expect(connect({ servers: url, reconnect: false })).rejects.toThrow(/authorization/i);
  await expect(user(everything).connect(url)).rejects.toThrow(/authorization/i);
});

test('new users are let in without a restart', async () => {
  await using options = temporaryServerOptions();
  const [first, second] = [user(everything), user(everything)];
  const server = await startNats({ ...options, users: [first.entry] });
  const { pid } = server;
  await server.reload([first.entry, second.entry]);
  const connection = await waitUntil(() => second.connect(server.url), { timeoutMs: 5_000 });
  expect(connection?.isClosed()).toBe(false);
  expect(server.pid).toBe(pid);
  await connection?.close();
});
