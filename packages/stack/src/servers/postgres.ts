import { mkdirSync, realpathSync } from 'node:fs';
import path from 'node:path';
import pg from 'pg';
import type { Launch } from '../process/start-process.ts';
import { chooseSource, type Found } from './choose-source.ts';
import { type ContainerLaunch, containerName, timeZoneOf } from './containers.ts';
import { portFor } from './free-port.ts';
import { startManaged } from './managed-server.ts';
import { clearLeftovers, ensureCluster, keptMajor } from './postgres-cluster.ts';
import { postgresFinders } from './postgres-sources.ts';
import { secretFile } from './secret-file.ts';
import type { Server, ServerOptions } from './server.ts';
import { unprivilegedUser } from './unprivileged-user.ts';
import { serverAtUrl } from './url-server.ts';

const CONNECT_TIMEOUT_MS = 2_000;

/** PostgreSQL's own defaults for durability stand (fsync and synchronous_commit on): a commit is on the disk. */
const SETTINGS: Readonly<Record<string, string>> = {
  max_connections: '200',
  max_wal_size: '2GB',
  // Short statements only: compiling them costs more than running them.
  jit: 'off',
};

export interface PostgresOptions extends ServerOptions {
  /** Settings of postgresql.conf, over ours. */
  readonly settings?: Readonly<Record<string, string>>;
}

/** Finds or starts PostgreSQL on 127.0.0.1; the URL is its superuser's. Throws ServerStartError or NoSourceError. */
export async function startPostgres(given: PostgresOptions): Promise<Server> {
  const url = given.sources.urls.postgres;
  if (url) return serverAtUrl('postgres', url, postgresHealth);
  mkdirSync(given.dataDir, { recursive: true });
  const options = { ...given, dataDir: realpathSync(given.dataDir) };
  const found = await chooseSource('postgres', postgresFinders(options, keptMajor(options.dataDir)), options);
  const password = secretFile(path.join(options.dataDir, 'superuser-password'));
  const settings = Object.entries({ ...SETTINGS, ...options.settings }).flatMap(([name, value]) => [
    '-c',
    `${name}=${value}`,
  ]);
  const launch =
    found.source === 'container'
      ? inContainer(found, options, { password, settings })
      : await onMachine(found, options, { password, settings });
  return startManaged(
    {
      name: 'postgres',
      source: found.source,
      port: await portFor('postgres', options.port, options.progress ?? (() => {})),
      // "Fast": it ends the sessions. SIGTERM would wait for the clients to go by themselves.
      stopSignal: 'SIGINT',
      url: (port) => `postgresql://postgres:${password}@127.0.0.1:${port}/postgres`,
      launch,
      health: postgresHealth,
    },
    options,
  );
}

interface Setup {
  readonly password: string;
  readonly settings: readonly string[];
}

async function onMachine(
  found: Found,
  { dataDir, sources, guardian }: PostgresOptions,
  { password, settings }: Setup,
) {
  const { environment } = sources;
  const cluster = await ensureCluster({ dataDir, found, password, environment, guardian });
  return async (port: number): Promise<Launch> => {
    await clearLeftovers(cluster);
    return {
      command: found.program,
      args: [
        ...['-D', cluster, '-p', String(port)],
        ...['-c', 'listen_addresses=127.0.0.1', '-c', 'unix_socket_directories=', ...settings],
      ],
      environment: { ...environment, ...found.environment },
      cwd: '/',
      ...unprivilegedUser(),
    };
  };
}

function inContainer(found: Found, { dataDir, sources }: PostgresOptions, { password, settings }: Setup) {
  return (port: number): ContainerLaunch => ({
    name: containerName('postgres', dataDir),
    image: found.program,
    dataDir,
    ports: { 5432: port },
    volumeAt: '/var/lib/postgresql/data',
    variables: {
      ...timeZoneOf(sources),
      POSTGRES_PASSWORD: password,
      POSTGRES_INITDB_ARGS: '--encoding=UTF8 --locale=C --data-checksums --auth-host=scram-sha-256',
    },
    args: ['postgres', ...settings],
  });
}

/** Its version, once it takes queries. */
export async function postgresHealth(url: string): Promise<string> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: CONNECT_TIMEOUT_MS });
  // A server that goes away while we ask must not end this process.
  client.on('error', () => {});
  try {
    await client.connect();
    const { rows } = await client.query<{ server_version: string }>('SHOW server_version');
    // Distributions append their own: "15.18 (Debian 15.18-0+deb12u1)".
    return rows[0]!.server_version.split(' ')[0]!;
  } finally {
    await client.end().catch(() => {});
  }
}
