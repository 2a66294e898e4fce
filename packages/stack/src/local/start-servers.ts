import { createSubjects, systemUsers } from '@b2b-charge/contracts';
import { connectNats, ensureStreams, matchSystemConsumers } from '@b2b-charge/runtime';
import pg from 'pg';
import { withDatabase } from '../servers/database-url.ts';
import { type NatsServer, startNats } from '../servers/nats.ts';
import { startPostgres } from '../servers/postgres.ts';
import { startRedis } from '../servers/redis.ts';
import type { Server, ServerName, ServerOptions } from '../servers/server.ts';
import type { StackFolder } from './folder.ts';
import { readNatsSystems } from './nats-systems.ts';
import { natsUsers, type StackSecrets } from './secrets.ts';

/** Away from the servers' usual ports, which a developer's own servers have, and from the ephemeral ones. */
export const PREFERRED_PORTS: Readonly<Record<ServerName, number>> = {
  postgres: 15_432,
  nats: 14_222,
  redis: 16_379,
};
const DATABASE = 'b2b_charge';

export interface LocalServers {
  readonly postgres: Server;
  readonly nats: NatsServer;
  readonly redis: Server;
}

export interface StartServersOptions extends Pick<ServerOptions, 'sources' | 'guardian'> {
  readonly folder: StackFolder;
  readonly secrets: StackSecrets;
  readonly progress: (line: string) => void;
  /** Gets every server as soon as it runs, so that a fault elsewhere finds it to stop. */
  readonly started: (server: Server) => void;
}

/** Each server, with a function to call when it runs; all at once. */
export async function startServers(
  options: StartServersOptions,
  prepare: { postgres(server: Server): Promise<void>; nats(server: NatsServer): Promise<void> },
): Promise<LocalServers> {
  const { folder, sources, guardian, progress, secrets } = options;
  const common = (name: ServerName): ServerOptions => ({
    dataDir: folder.dataDir(name),
    logDir: folder.logs,
    port: PREFERRED_PORTS[name],
    sources,
    guardian,
    progress,
  });
  const run = async <S extends Server>(
    starting: Promise<S>,
    then: (server: S) => Promise<void>,
  ): Promise<S> => {
    const server = await starting;
    options.started(server);
    progress(`${server.name} ${server.version} (${server.source}) at ${withoutPassword(server.url)}`);
    await then(server);
    return server;
  };
  const users = () => [...natsUsers(secrets.nats), ...systemUsers(readNatsSystems(folder.systems))];
  const [postgres, nats, redis] = await Promise.all([
    run(startPostgres(common('postgres')), prepare.postgres),
    run(startNats({ ...common('nats'), users }), prepare.nats),
    run(startRedis(common('redis')), async () => {}),
  ]);
  return { postgres, nats, redis };
}

/** Our database on the server, made if missing; a URL that names one of its own is taken at its word. */
export async function ensureDatabase(server: Server): Promise<string> {
  const named = decodeURIComponent(new URL(server.url).pathname.slice(1));
  if (server.source === 'url' && named !== '' && named !== 'postgres') return server.url;
  const client = new pg.Client({ connectionString: server.url });
  await client.connect();
  try {
    const { rowCount } = await client.query('SELECT FROM pg_database WHERE datname = $1', [DATABASE]);
    if (!rowCount) await client.query(`CREATE DATABASE ${DATABASE}`);
  } finally {
    await client.end();
  }
  return withDatabase(server.url, DATABASE);
}

/** Creates or updates the streams and consumers as the operator, which no service runs as. */
export async function createStreams(
  nats: NatsServer,
  { secrets, folder }: Pick<StartServersOptions, 'secrets' | 'folder'>,
): Promise<void> {
  const nkeySeed = nats.source === 'url' ? undefined : secrets.nats.operator;
  const connection = await connectNats({ user: 'operator', url: nats.url, nkeySeed });
  try {
    const subjects = createSubjects();
    await ensureStreams(connection, subjects);
    await matchSystemConsumers(connection, subjects, readNatsSystems(folder.systems).systems);
  } finally {
    await connection.close();
  }
}

export function withoutPassword(url: string): string {
  const shown = new URL(url);
  shown.password = '';
  return shown.href;
}
