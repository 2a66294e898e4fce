import { chmodSync, mkdirSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createSubjects, type NatsUserName, type ServiceName } from '@b2b-charge/contracts';
import { connectNats, DEFAULT_STREAM_LIMITS, ensureStreams } from '@b2b-charge/runtime';
import type { NatsConnection } from '@nats-io/transport-node';
import { startGuardian } from '../guardian/guardian.ts';
import { natsUsers, type StackSecrets, stackSecrets } from '../local/secrets.ts';
import { serviceEnvironment } from '../local/service-environment.ts';
import { ServiceProcess } from '../local/service-process.ts';
import { ensureDatabase } from '../local/start-servers.ts';
import { asService } from '../servers/database-url.ts';
import { freePort } from '../servers/free-port.ts';
import { type NatsServer, startNats } from '../servers/nats.ts';
import type { NatsLimits, NatsTlsFiles } from '../servers/nats-config.ts';
import { startPostgres } from '../servers/postgres.ts';
import { startRedis } from '../servers/redis.ts';
import type { Server, ServerName } from '../servers/server.ts';
import { serverSources } from '../servers/sources.ts';
import type { Migrate } from '../testing/start-test-servers.ts';

export interface FleetOptions {
  /** Of the repository. */
  readonly root: string;
  readonly migrate: Migrate;
  /** How many processes of each service to start. A gateway comes with a back office, unless told how many of them. */
  readonly services: Partial<Record<ServiceName, number>>;
  /** Settings of the services, over the fleet's own. */
  readonly environment?: Readonly<Record<string, string>>;
  readonly postgresSettings?: Readonly<Record<string, string>>;
  readonly natsLimits?: Partial<NatsLimits>;
  /** Where NATS tells of connections and subscriptions; nowhere unless given. */
  readonly natsMonitorPort?: number | undefined;
  /** NATS with a certificate, and the authorities (PEM) that everybody trusts. */
  readonly natsTls?: (NatsTlsFiles & { readonly ca: string }) | undefined;
  /** Where the servers are to come from first; as STACK_SERVERS. */
  readonly serversFrom?: string | undefined;
  /** Servers whose own files or programs the caller works with: no container for these. */
  readonly localFiles?: readonly ServerName[];
  /** PostgreSQL behind an address that can be led elsewhere, instead of at its own. */
  readonly startPostgres?: typeof startPostgres;
  /** Several NATS servers that act as one, instead of one. */
  readonly startNats?: typeof startNats;
  readonly streamReplicas?: number;
  /** Another nats-server than the machine's. */
  readonly natsBinary?: string | undefined;
}

/** The whole system as real processes, with servers of its own in a temporary folder: for faults and for measuring. */
export interface Fleet extends AsyncDisposable {
  readonly postgres: Server;
  readonly nats: NatsServer;
  readonly redis: Server;
  /** As the database's owner. */
  readonly databaseUrl: string;
  readonly secrets: StackSecrets;
  readonly processes: readonly FleetProcess[];
  of(service: ServiceName): FleetProcess[];
  /** Starts one more process of a service; what is given here comes before every other setting. `root`: another version's. */
  add(
    service: ServiceName,
    environment?: Readonly<Record<string, string>>,
    root?: string,
  ): Promise<FleetProcess>;
  connect(user: NatsUserName): Promise<NatsConnection>;
  /** What a tool that acts as this service has to know of the servers. */
  environment(service: ServiceName): Record<string, string>;
  readonly folder: string;
}

export interface FleetProcess {
  readonly service: ServiceName;
  readonly process: ServiceProcess;
  /** Of the HTTP API, of a service that has one. */
  readonly url: string;
}

/** Starts the servers, migrates, creates the streams and starts the services. Disposing ends it all and its data. */
export async function startFleet(options: FleetOptions): Promise<Fleet> {
  await using parts = new AsyncDisposableStack();
  const guardian = startGuardian();
  parts.defer(() => guardian.close());
  const folder = mkdtempSync(path.join(tmpdir(), 'b2b-charge-fleet-'));
  chmodSync(folder, 0o711);
  guardian.removeAtEnd(folder);
  const logDir = path.join(folder, 'logs');
  mkdirSync(logDir);
  const secrets = stackSecrets(path.join(folder, 'secrets.json'));
  const sources = serverSources({
    ...process.env,
    DATABASE_URL: undefined,
    NATS_URL: undefined,
    REDIS_URL: undefined,
    ...(options.serversFrom ? { STACK_SERVERS: options.serversFrom } : {}),
    ...(options.natsBinary ? { NATS_SERVER_BIN: options.natsBinary } : {}),
  });
  const common = (name: ServerName) => ({
    dataDir: path.join(folder, name),
    ...{ logDir, sources, guardian, localFiles: options.localFiles?.includes(name) ?? false },
  });
  const [postgres, nats, redis] = await Promise.all([
    (options.startPostgres ?? startPostgres)({
      ...common('postgres'),
      settings: options.postgresSettings ?? {},
    }),
    (options.startNats ?? startNats)({
      ...common('nats'),
      users: natsUsers(secrets.nats),
      limits: options.natsLimits ?? {},
      monitorPort: options.natsMonitorPort,
      tls: options.natsTls,
    }),
    startRedis(common('redis')),
  ]);
  for (const server of [postgres, nats, redis]) parts.defer(() => server.stop());
  const databaseUrl = await ensureDatabase(postgres);
  await options.migrate({ adminUrl: databaseUrl, rolePasswords: secrets.roles });
  const { natsTls } = options;
  const subjects = createSubjects();
  const connect = (user: NatsUserName) =>
    connectNats({
      user,
      url: nats.url,
      nkeySeed: secrets.nats[user],
      tls: { ca: natsTls?.ca },
      stream: subjects.streams.commands,
    });
  const shared = { ...businessTimeZone(), ...(natsTls ? { NATS_TLS_CA: natsTls.ca } : {}) };
  const operator = await connect('operator');
  await ensureStreams(operator, subjects, {
    ...DEFAULT_STREAM_LIMITS,
    replicas: options.streamReplicas ?? DEFAULT_STREAM_LIMITS.replicas,
  });
  await operator.close();

  const processes: FleetProcess[] = [];
  const add: Fleet['add'] = async (service, own = {}, root = options.root) => {
    const [opsPort, httpPort] = [await freePort(), await freePort()];
    const environment = serviceEnvironment(service, {
      databaseUrl,
      natsUrl: nats.url,
      natsIsOurs: true,
      redisUrl: redis.url,
      secrets,
      httpPort,
      opsPort,
      logDir,
      inherited: {
        ...sources.environment,
        NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE,
        LOG_LEVEL: 'warn',
        ...shared,
        ...options.environment,
      },
    });
    const running = new ServiceProcess({
      name: service,
      root,
      logDir,
      opsPort,
      environment: { ...environment, ...own },
      guardian,
    });
    await running.restart();
    const member = { service, process: running, url: `http://127.0.0.1:${httpPort}` };
    processes.push(member);
    return member;
  };
  parts.defer(async () => {
    await Promise.all(processes.map((member) => member.process.stop()));
  });
  const wanted = Object.entries(withBackoffice(options.services)) as [ServiceName, number][];
  await Promise.all(wanted.flatMap(([service, count]) => Array.from({ length: count }, () => add(service))));
  const disposal = parts.move();
  return {
    postgres,
    nats,
    redis,
    databaseUrl,
    secrets,
    processes,
    folder,
    add,
    connect,
    environment: (service) => ({
      DATABASE_URL: asService(databaseUrl, service, secrets.roles),
      NATS_URL: nats.url,
      NATS_NKEY_SEED: secrets.nats[service],
      REDIS_URL: redis.url,
      ...shared,
    }),
    of: (service) => processes.filter((member) => member.service === service),
    [Symbol.asyncDispose]: () => disposal.disposeAsync(),
  };
}

const withBackoffice = (services: FleetOptions['services']): FleetOptions['services'] =>
  services.gateway ? { backoffice: 1, ...services } : services;

/** Another zone than the services' default, for a whole run of tests; the tools must have the ledger's. */
function businessTimeZone(): Record<string, string> {
  const { BUSINESS_TIMEZONE } = process.env;
  return BUSINESS_TIMEZONE ? { BUSINESS_TIMEZONE } : {};
}
