export { type Chromium, findChromium, unpackedChromium } from './browser/chromium.ts';
export { type Fleet, type FleetOptions, type FleetProcess, startFleet } from './fleet/fleet.ts';
export { type Guardian, startGuardian } from './guardian/guardian.ts';
export { emptyStackFolder, openStackFolder } from './local/folder.ts';
export { NatsSystemsError, readNatsSystems, writeNatsSystems } from './local/nats-systems.ts';
export { natsUsers } from './local/secrets.ts';
export { type DemoVendor, readStackFile, type StackFile, signalPart } from './local/stack-file.ts';
export { debianPostgresFolders, executables } from './servers/binaries.ts';
export { NoSourceError } from './servers/choose-source.ts';
export { asService, withDatabase } from './servers/database-url.ts';
export { freePort, isFree } from './servers/free-port.ts';
export { findNatsProgram, type NatsOptions, type NatsServer, startNats } from './servers/nats.ts';
export { DEFAULT_NATS_LIMITS, type NatsLimits, type NatsUser, natsConfig } from './servers/nats-config.ts';
export { natsHealth } from './servers/nats-health.ts';
export { type PostgresOptions, postgresHealth, startPostgres } from './servers/postgres.ts';
export { clusterParent } from './servers/postgres-cluster.ts';
export { type RedisOptions, redisHealth, startRedis } from './servers/redis.ts';
export {
  NotOursError,
  type Server,
  type ServerName,
  type ServerOptions,
  ServerStartError,
  type SourceName,
} from './servers/server.ts';
export { type ServerSources, SourcesError, serverSources } from './servers/sources.ts';
export { settlesWithin, waitUntil } from './servers/wait-until.ts';
export { runSupervisor, type SupervisorOptions } from './supervisor.ts';
export { holdPreferredPorts } from './testing/hold-ports.ts';
export { temporaryServerOptions } from './testing/server-options.ts';
export {
  type Migrate,
  onServer,
  type RunningTestServers,
  startTestServers,
  type TestServers,
} from './testing/start-test-servers.ts';
export { type TestDatabase, testDatabase } from './testing/test-database.ts';
export { findDatefudge } from './tools/datefudge.ts';
export { type Host, type Hosts, startHosts } from './tools/hosts.ts';
export { whyNoHosts } from './tools/ip.ts';
export { type PgBouncer, startPgBouncer } from './tools/pgbouncer.ts';
export { findPrometheus, type PrometheusTools } from './tools/prometheus.ts';
