import { createHash, randomBytes } from 'node:crypto';
import { chmodSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type NatsUserName, natsPermissions, SERVICES, type ServiceName } from '@b2b-charge/contracts';
import { createUser } from '@nats-io/nkeys';
import pg from 'pg';
import { startGuardian } from '../guardian/guardian.ts';
import { withDatabase } from '../servers/database-url.ts';
import { startNats } from '../servers/nats.ts';
import { startPostgres } from '../servers/postgres.ts';
import { startRedis } from '../servers/redis.ts';
import type { Server } from '../servers/server.ts';
import { serverSources } from '../servers/sources.ts';

/** What test files need to know; plain data, for it crosses from vitest's process to its workers. */
export interface TestServers {
  readonly postgresUrl: string;
  /** A migrated database to clone. */
  readonly template: string;
  readonly rolePasswords: Readonly<Record<ServiceName, string>>;
  readonly natsUrl: string;
  /** No seeds when NATS was given by URL: then it asks for none. */
  readonly natsSeeds: Readonly<Partial<Record<NatsUserName, string>>>;
  readonly redisUrl: string;
}

export interface RunningTestServers extends AsyncDisposable {
  readonly servers: TestServers;
}

export type Migrate = (options: {
  adminUrl: string;
  rolePasswords: Record<ServiceName, string>;
}) => Promise<void>;

/**
 * These tests do not prove durability, and one run's data is thrown away: not waiting for the disk makes them twice as
 * fast and their times steady.
 */
const NOT_DURABLE = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' };
const TEST_SETTINGS = { ...NOT_DURABLE, max_connections: '400' };

/** One PostgreSQL, NATS and Redis for a whole run: by URL, in containers where an engine answers, or as binaries. */
export async function startTestServers(
  environment: NodeJS.ProcessEnv,
  migrate: Migrate,
): Promise<RunningTestServers> {
  const guardian = startGuardian();
  const folder = mkdtempSync(path.join(tmpdir(), 'b2b-charge-test-'));
  // PostgreSQL may run as another user than ours, and passes through here.
  chmodSync(folder, 0o711);
  guardian.removeAtEnd(folder);
  const started: Server[] = [];
  const stop = async () => {
    await Promise.all(started.map((server) => server.stop()));
    await guardian.close();
  };
  try {
    const sources = serverSources(environment, { containersFirst: true });
    const options = (name: string) => ({ dataDir: path.join(folder, name), sources, guardian });
    const keep = async <S extends Server>(starting: Promise<S>): Promise<S> => {
      const server = await starting;
      started.push(server);
      return server;
    };
    const users = createNatsUsers();
    const [postgres, nats, redis] = await Promise.all([
      keep(startPostgres({ ...options('postgres'), settings: TEST_SETTINGS })),
      // Each stream reserves what it may grow to, and every test file has streams of its own.
      keep(startNats({ ...options('nats'), users: users.entries, limits: { maxFileStore: '100TB' } })),
      keep(startRedis({ ...options('redis'), persistent: false })),
    ]);
    const rolePasswords = derivePasswords(postgres.url);
    const template = await createTemplate(postgres.url, rolePasswords, migrate);
    const servers: TestServers = {
      postgresUrl: postgres.url,
      template,
      rolePasswords,
      natsUrl: nats.url,
      natsSeeds: nats.source === 'url' ? {} : users.seeds,
      redisUrl: redis.url,
    };
    return {
      servers,
      [Symbol.asyncDispose]: async () => {
        await onServer(postgres.url, `DROP DATABASE IF EXISTS ${template} WITH (FORCE)`).catch(() => {});
        await stop();
      },
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** One user per service, allowed what the service is, in any namespace: each test file has its own. */
function createNatsUsers() {
  const seeds: Partial<Record<NatsUserName, string>> = {};
  const entries = Object.entries(natsPermissions('*')).map(([name, access]) => {
    // The tests make and delete streams all the time, and say as the operator what no other may say.
    const further = name === 'operator' ? ['$JS.API.STREAM.>', '$JS.ACK.>', '*.ledger.>'] : [];
    const permissions = { ...access, publish: [...access.publish, ...further] };
    const user = createUser();
    seeds[name as NatsUserName] = new TextDecoder().decode(user.getSeed());
    return { name, publicKey: user.getPublicKey(), permissions };
  });
  return { entries, seeds };
}

/** Roles belong to the whole server: two runs on one given by URL must agree on their passwords. */
function derivePasswords(url: string): Record<ServiceName, string> {
  const password = (service: string) => createHash('sha256').update(`${service} ${url}`).digest('base64url');
  return Object.fromEntries(SERVICES.map((service) => [service, password(service)])) as Record<
    ServiceName,
    string
  >;
}

async function createTemplate(
  url: string,
  rolePasswords: Record<ServiceName, string>,
  migrate: Migrate,
): Promise<string> {
  const template = `b2b_template_${randomBytes(6).toString('hex')}`;
  await onServer(url, `CREATE DATABASE ${template}`);
  await migrate({ adminUrl: withDatabase(url, template), rolePasswords });
  return template;
}

export async function onServer(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
