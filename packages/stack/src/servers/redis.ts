import { mkdirSync, realpathSync } from 'node:fs';
import path from 'node:path';
import { Redis } from 'ioredis';
import type { Launch } from '../process/start-process.ts';
import { executables, findBinary, versionOf } from './binaries.ts';
import { chooseSource, type Finders, type Found, SourceUnavailableError } from './choose-source.ts';
import { type ContainerLaunch, containerName, findImage, timeZoneOf } from './containers.ts';
import { libraryPath, unpackDebian } from './debian-package.ts';
import { portFor } from './free-port.ts';
import { startManaged } from './managed-server.ts';
import { secretFile } from './secret-file.ts';
import type { Server, ServerOptions } from './server.ts';
import { serverAtUrl } from './url-server.ts';

const CONNECT_TIMEOUT_MS = 2_000;
const IMAGE = 'redis:8-alpine';
const CONFIG_IN_CONTAINER = '/etc/b2b-charge-redis.conf';

export interface RedisOptions extends ServerOptions {
  /** Made up, and kept in the data folder, unless given. */
  readonly password?: string;
  /** Whether a restart finds the keys again, but for the last second's. True unless told otherwise. */
  readonly persistent?: boolean;
}

/** Finds or starts Redis on 127.0.0.1. Throws ServerStartError or NoSourceError. */
export async function startRedis(given: RedisOptions): Promise<Server> {
  const url = given.sources.urls.redis;
  if (url) return serverAtUrl('redis', url, redisHealth);
  mkdirSync(given.dataDir, { recursive: true });
  const options = { ...given, dataDir: realpathSync(given.dataDir) };
  const found = await chooseSource('redis', redisFinders(options), options);
  const password = options.password ?? secretFile(path.join(options.dataDir, 'password'));
  return startManaged(
    {
      name: 'redis',
      source: found.source,
      port: await portFor('redis', options.port, options.progress ?? (() => {})),
      stopSignal: 'SIGTERM',
      url: (port) => `redis://:${password}@127.0.0.1:${port}`,
      launch: (port) => redisLaunch(found, options, { port, password }),
      health: redisHealth,
    },
    options,
  );
}

function redisFinders(options: ServerOptions): Finders {
  const { sources } = options;
  return {
    binary: () => findBinary('redis-server', sources, sources.binaries.redis),
    container: () => findImage(IMAGE, '8', options),
    debian: async () => {
      // redis-server is a link to a program of redis-tools.
      const root = await unpackDebian('redis-server', async () => ['redis-server', 'redis-tools'], options);
      const program = executables('redis-server', [path.join(root, 'usr/bin')])[0];
      if (!program) throw new SourceUnavailableError(`no redis-server in ${root}`);
      const environment = { LD_LIBRARY_PATH: libraryPath(root) };
      const version = await versionOf(program, { ...sources.environment, ...environment });
      return { source: 'debian', program, version, environment };
    },
  };
}

function redisLaunch(
  found: Found,
  { dataDir, sources, persistent = true }: RedisOptions,
  { port, password }: { port: number; password: string },
): Launch | ContainerLaunch {
  const inContainer = found.source === 'container';
  const config = [
    `port ${inContainer ? 6379 : port}`,
    `bind ${inContainer ? '*' : '127.0.0.1'}`,
    `dir "${inContainer ? '/data' : dataDir}"`,
    `requirepass "${password}"`,
    'save ""',
    `appendonly ${persistent ? 'yes' : 'no'}`,
    'appendfsync everysec',
    // What it holds are copies and marks with a time to live: full, it lets the longest unused go.
    'maxmemory 384mb',
    'maxmemory-policy allkeys-lru',
  ];
  const text = `${config.join('\n')}\n`;
  if (inContainer) {
    return {
      name: containerName('redis', dataDir),
      image: found.program,
      dataDir,
      ports: { 6379: port },
      volumeAt: '/data',
      files: { [CONFIG_IN_CONTAINER]: text },
      variables: timeZoneOf(sources),
      args: ['redis-server', CONFIG_IN_CONTAINER],
    };
  }
  const environment = { ...sources.environment, ...found.environment };
  // By standard input: the password is neither in the list of processes nor in one more file.
  return { command: found.program, args: ['-'], environment, cwd: dataDir, input: text };
}

/** Its version, once it has loaded its data. */
export async function redisHealth(url: string): Promise<string> {
  const redis = new Redis(url, {
    lazyConnect: true,
    retryStrategy: () => null,
    maxRetriesPerRequest: 0,
    connectTimeout: CONNECT_TIMEOUT_MS,
  });
  redis.on('error', () => {});
  try {
    await redis.connect();
    // PING fails while it loads, INFO would not.
    await redis.ping();
    return /redis_version:(\S+)/.exec(await redis.info('server'))?.[1] ?? 'unknown';
  } finally {
    redis.disconnect();
  }
}
