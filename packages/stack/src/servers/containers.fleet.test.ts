import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Redis } from 'ioredis';
import { getContainerRuntimeClient } from 'testcontainers';
import { describe, expect, test } from 'vitest';
import { createAuthority } from '../../../../tests/nats/certificates.ts';
import { startGuardian } from '../guardian/guardian.ts';
import { emptyStackFolder, openStackFolder } from '../local/folder.ts';
import { setAsideLeftBehind } from '../local/left-behind.ts';
import { temporaryServerOptions } from '../testing/server-options.ts';
import { NoSourceError } from './choose-source.ts';
import { containerName, hasVolume } from './containers.ts';
import { freePort } from './free-port.ts';
import { startNats } from './nats.ts';
import { startPostgres } from './postgres.ts';
import { startRedis } from './redis.ts';
import { writePrivate } from './secret-file.ts';
import { serverSources } from './sources.ts';
import { settlesWithin } from './wait-until.ts';

const IN_CONTAINERS = { STACK_SERVERS: 'container' };
const FROZEN_MS = 500;

const engine = await getContainerRuntimeClient().catch(() => undefined);
const docker = () => engine!.container.dockerode;
const volumes = async () => (await docker().listVolumes()).Volumes.map(({ Name }) => Name).sort();
const containers = async () => (await docker().listContainers({ all: true })).flatMap(({ Names }) => Names);

test.runIf(process.env.DOCKER_HOST)('where a Docker engine is named, it answers', () => {
  expect(engine).toBeDefined();
});

function redisClient(url: string) {
  const redis = new Redis(url, { retryStrategy: () => null });
  redis.on('error', () => {});
  return Object.assign(redis, { [Symbol.dispose]: () => redis.disconnect() });
}

/** The name of a process's program; null if this machine has no such process. */
function commandOf(pid: number) {
  const file = `/proc/${pid}/comm`;
  return existsSync(file) ? readFileSync(file, 'utf8').trim() : null;
}

/** The first line that a nats-server sends. */
async function greeting(url: string) {
  const { hostname, port } = new URL(url);
  const socket = createConnection({ host: hostname, port: Number(port) });
  const [line] = (await once(socket.setEncoding('utf8'), 'data')) as [string];
  socket.destroy();
  return JSON.parse(line.slice('INFO '.length, line.indexOf('\r\n'))) as Record<string, unknown>;
}

describe.runIf(engine)('a server in a container', () => {
  test('NATS has its certificate and its monitoring port', async () => {
    await using options = temporaryServerOptions(IN_CONTAINERS);
    const { certificate, key } = createAuthority('Test').issue('nats', ['127.0.0.1']);
    const [certFile, keyFile] = ['crt', 'key'].map((end) => path.join(options.dataDir, `tls.${end}`));
    writePrivate(certFile!, certificate);
    writePrivate(keyFile!, key);
    const monitorPort = await freePort();
    const tls = { certFile: certFile!, keyFile: keyFile! };
    const { source, url } = await startNats({ ...options, users: [], tls, monitorPort });
    expect(source).toBe('container');
    expect(await greeting(url)).toMatchObject({ tls_required: true });
    const page = await fetch(`http://127.0.0.1:${monitorPort}/varz`);
    expect(await page.json()).toMatchObject({ jetstream: {} });
  });

  test.each([
    ['host', { host: { address: '127.0.0.2', within: <T>(launch: T) => launch } }],
    ['cluster', { cluster: { serverName: 'n1', listen: '127.0.0.1:1', routes: [] } }],
  ])('NATS with a %s is not started in a container that could not have it', async (_, wish) => {
    await using options = temporaryServerOptions();
    const sources = { ...options.sources, order: ['container' as const] };
    await expect(startNats({ ...options, sources, users: [], ...wish })).rejects.toThrow(NoSourceError);
  });

  test('its volume goes with a folder that does not stay', async () => {
    const before = await volumes();
    {
      await using options = temporaryServerOptions(IN_CONTAINERS);
      const at = (name: string) => ({ ...options, dataDir: path.join(options.dataDir, name) });
      const servers = await Promise.all([
        startPostgres(at('postgres')),
        startNats({ ...at('nats'), users: [] }),
        startRedis(at('redis')),
      ]);
      expect(servers.map(({ source }) => source)).toEqual(['container', 'container', 'container']);
      await servers[0].stop();
    }
    expect(await volumes()).toEqual(before);
  });

  test('its data outlive the guardian, until they are removed', async () => {
    const folder = openStackFolder(mkdtempSync(path.join(tmpdir(), 'b2b-charge-kept-')));
    const dataDir = folder.dataDir('redis');
    const { DATABASE_URL, NATS_URL, REDIS_URL, ...environment } = process.env;
    const sources = serverSources({ ...environment, ...IN_CONTAINERS });
    for (const expected of [null, 'kept']) {
      const guardian = startGuardian();
      const server = await startRedis({ dataDir, sources, guardian });
      {
        using redis = redisClient(server.url);
        expect(await redis.get('key')).toBe(expected);
        await redis.set('key', 'kept');
      }
      await server.stop();
      await guardian.close();
    }
    expect(await hasVolume('redis', dataDir, sources)).toBe(true);
    // As a checkout in the place of a deleted one, which has no secrets yet.
    await expect(setAsideLeftBehind(folder, sources, () => {})).rejects.toThrow('earlier checkout (redis)');
    await emptyStackFolder(folder, sources);
    expect(await hasVolume('redis', dataDir, sources)).toBe(false);
    rmSync(folder.root, { recursive: true });
  });

  test('signals reach it: it freezes, thaws, and ends', async () => {
    await using options = temporaryServerOptions(IN_CONTAINERS);
    const server = await startRedis(options);
    using redis = redisClient(server.url);
    expect(await redis.ping()).toBe('PONG');
    await server.kill('SIGSTOP');
    const answer = redis.ping();
    expect(await settlesWithin(answer, FROZEN_MS)).toBe(false);
    await server.kill('SIGCONT');
    expect(await answer).toBe('PONG');
    const ended = new Promise<string>((resolve) => server.onExit(resolve));
    await server.kill('SIGKILL');
    expect(await ended).toBe('signal SIGKILL');
  });

  test('its process number is that of the server itself, where this machine sees it', async () => {
    await using options = temporaryServerOptions(IN_CONTAINERS);
    const { pid, container } = await startRedis(options);
    const { State } = await docker().getContainer(container!).inspect();
    expect(pid).toBe(commandOf(State.Pid) === 'redis-server' ? State.Pid : null);
  });

  test('no other machine reaches it', async () => {
    await using options = temporaryServerOptions(IN_CONTAINERS);
    await startRedis(options);
    const { HostConfig } = await docker().getContainer(containerName('redis', options.dataDir)).inspect();
    const bindings = Object.values(HostConfig.PortBindings as Record<string, { HostIp: string }[]>).flat();
    expect(bindings.map(({ HostIp }) => HostIp)).toEqual(['127.0.0.1']);
  });

  test('it goes with a guardian that loses its owner, orderly or not', async () => {
    await using options = temporaryServerOptions(IN_CONTAINERS);
    await startRedis(options);
    const name = `/${containerName('redis', options.dataDir)}`;
    expect(await containers()).toContain(name);
    await options.guardian.close();
    expect(await containers()).not.toContain(name);
  });

  test('that cannot start says why, in its own words', async () => {
    await using options = temporaryServerOptions(IN_CONTAINERS);
    const starting = startPostgres({ ...options, settings: { no_such_setting: 'on' } });
    await expect(starting).rejects.toThrow(/no_such_setting/);
  });
});
