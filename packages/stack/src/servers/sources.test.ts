import { execFileSync } from 'node:child_process';
import path from 'node:path';
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
  await expect(given.kill('SIGKILL')).rejects.toThrow(NotOursError);
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

test('a server whose files its caller works with is never in a container', async () => {
  await using options = temporaryServerOptions();
  const container = async () => ({ source: 'container', program: 'image', version: '1' }) as const;
  const choosing = chooseSource('redis', { container }, { ...options, localFiles: true });
  await expect(choosing).rejects.toThrow('its files would not be on this machine');
});

test('what a server known by URL cannot be given is refused', async () => {
  await using options = temporaryServerOptions();
  const ours = await startNats({ ...options, users: [] });
  const given = { ...options, sources: serverSources({ NATS_URL: ours.url }), users: [] };
  await expect(startNats({ ...given, monitorPort: 1 })).rejects.toThrow('cannot be given monitorPort');
  await expect((await startNats(given)).reload()).rejects.toThrow(NotOursError);
});

test('testcontainers is not loaded before there is a container to start', () => {
  const index = path.join(import.meta.dirname, '../index.ts');
  const script = `
    import { createRequire } from 'node:module';
    await import(${JSON.stringify(index)});
    console.log(Object.keys(createRequire(${JSON.stringify(index)}).cache).join('\\n'));`;
  const loaded = execFileSync(process.execPath, ['--input-type=module', '--eval', script], {
    encoding: 'utf8',
  });
  expect(loaded).toContain('node_modules/pg/');
  expect(loaded).not.toContain('node_modules/testcontainers/');
});

test('a binary that the caller names is taken, or the fault is said: no other one in its stead', async () => {
  await using options = temporaryServerOptions({ NATS_SERVER_BIN: '/no/such/nats-server' });
  await expect(startNats({ ...options, users: [] })).rejects.toThrow('/no/such/nats-server');
});
