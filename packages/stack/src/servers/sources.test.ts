import { expect, test } from 'vitest';
import { temporaryServerOptions } from '../testing/server-options.ts';
import { chooseSource, NoSourceError } from './choose-source.ts';
import { startNats } from './nats.ts';
import { startRedis } from './redis.ts';
import { NotOursError } from './server.ts';
import { SourcesError, serverSources } from './sources.ts';

test('the order is that of the design; tests put containers before binaries', () => {
  expect(serverSources({}).order).toEqual(['url', 'binary', 'npm', 'container', 'debian']);
  expect(serverSources({}, { containersFirst: true }).order).toEqual([
    'url',
    'container',
    'binary',
    'npm',
    'debian',
  ]);
  expect(serverSources({ STACK_SERVERS: 'debian' }).order[0]).toBe('debian');
});

test('STACK_SERVERS with a source that is none is refused', () => {
  expect(() => serverSources({ STACK_SERVERS: 'cloud' })).toThrow(SourcesError);
});

test('a server given by URL is used, and is not ours to control', async () => {
  await using options = temporaryServerOptions();
  const ours = await startRedis(options);
  const given = await startRedis({ ...options, sources: serverSources({ REDIS_URL: ours.url }) });
  expect(given).toMatchObject({ source: 'url', url: ours.url, version: ours.version, pid: null });
  expect(() => given.kill('SIGKILL')).toThrow(NotOursError);
  await given.stop();
  await expect(given.restart()).rejects.toThrow(NotOursError);
});

test('a source that cannot serve is passed over with a line, and the data stays where it first was', async () => {
  await using options = temporaryServerOptions({ STACK_SERVERS: 'npm' });
  const container = { source: 'container', program: 'image', version: '1' } as const;
  const first = await chooseSource('redis', { container: async () => container }, options);
  expect(first).toBe(container);
  expect(options.lines).toEqual([expect.stringContaining('taking container image')]);
  const binary = { source: 'binary', program: '/bin/redis', version: '1' } as const;
  const later = chooseSource('redis', { binary: async () => binary }, options);
  await expect(later).rejects.toThrow(NoSourceError);
});

test('a binary that the caller names is taken, or the fault is said: no other one in its stead', async () => {
  await using options = temporaryServerOptions({ NATS_SERVER_BIN: '/no/such/nats-server' });
  await expect(startNats({ ...options, users: [] })).rejects.toThrow('/no/such/nats-server');
});
