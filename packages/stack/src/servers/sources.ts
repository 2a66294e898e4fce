import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import type { ServerName, SourceName } from './server.ts';

/** Where servers may come from, parsed once from the environment. */
export interface ServerSources {
  readonly order: readonly SourceName[];
  readonly urls: Readonly<Partial<Record<ServerName, string>>>;
  /** Binaries named by the caller; they go before everything but a URL. */
  readonly binaries: Readonly<Partial<Record<ServerName, string>>>;
  /** Folders searched for binaries. */
  readonly path: readonly string[];
  /** Whether a Docker engine is worth asking for: one is named, or has a socket at a usual place. */
  readonly engine: boolean;
  /** Where unpacked packages are kept, for all checkouts of this user. */
  readonly cacheDir: string;
  /** The whole environment of a server: variables such as PGDATA or REDISCLI_AUTH must not leak in. */
  readonly environment: Readonly<Record<string, string>>;
  /** True when STACK_SERVERS asks for one source: then what falls to another one is worth a line. */
  readonly forced: boolean;
}

const ORDER: readonly SourceName[] = ['url', 'binary', 'npm', 'container', 'debian'];
const CONTAINERS_FIRST: readonly SourceName[] = ['url', 'container', 'binary', 'npm', 'debian'];
// Often missing from an ordinary user's PATH.
const SYSTEM_FOLDERS = ['/usr/local/sbin', '/usr/sbin', '/sbin', '/usr/local/bin', '/usr/bin', '/bin'];

export class SourcesError extends Error {
  override name = 'SourcesError';
}

/**
 * Reads DATABASE_URL, NATS_URL, REDIS_URL, NATS_SERVER_BIN and STACK_SERVERS. The latter names the source to try first
 * (binary, npm, container or debian). Throws SourcesError if it names another.
 */
export function serverSources(
  environment: NodeJS.ProcessEnv,
  { containersFirst = false }: { containersFirst?: boolean } = {},
): ServerSources {
  const forced = environment.STACK_SERVERS || undefined;
  if (forced !== undefined && !ORDER.slice(1).some((source) => source === forced)) {
    throw new SourcesError(`STACK_SERVERS is ${forced}; it must be one of ${ORDER.slice(1).join(', ')}`);
  }
  const usual = containersFirst ? CONTAINERS_FIRST : ORDER;
  const home = environment.HOME || homedir();
  return {
    order: forced ? [forced as SourceName, ...usual.filter((source) => source !== forced)] : usual,
    urls: given({
      postgres: environment.DATABASE_URL,
      nats: environment.NATS_URL,
      redis: environment.REDIS_URL,
    }),
    binaries: given({ nats: environment.NATS_SERVER_BIN }),
    path: [...new Set([...(environment.PATH ?? '').split(path.delimiter), ...SYSTEM_FOLDERS])].filter(
      path.isAbsolute,
    ),
    engine: mayHaveEngine(environment, home),
    cacheDir: cacheDir(environment, home),
    environment: given({
      PATH: environment.PATH,
      HOME: home,
      TZ: environment.TZ,
      TMPDIR: environment.TMPDIR,
    }),
    forced: forced !== undefined,
  };
}

/** The places where testcontainers looks; asked first, for it takes a while to load. */
function mayHaveEngine(environment: NodeJS.ProcessEnv, home: string): boolean {
  if (environment.DOCKER_HOST) return true;
  const runtimeDir = environment.XDG_RUNTIME_DIR || `/run/user/${process.getuid?.() ?? 0}`;
  return [
    '/var/run/docker.sock',
    path.join(runtimeDir, 'docker.sock'),
    path.join(home, '.docker/run/docker.sock'),
    path.join(home, '.docker/desktop/docker.sock'),
    path.join(home, '.testcontainers.properties'),
    '//./pipe/docker_engine',
  ].some((file) => existsSync(file));
}

function cacheDir(environment: NodeJS.ProcessEnv, home: string): string {
  // root's home is closed to the user that PostgreSQL runs as.
  if (process.getuid?.() === 0) return '/var/cache/b2b-charge';
  return path.join(environment.XDG_CACHE_HOME || path.join(home, '.cache'), 'b2b-charge');
}

function given<T extends Record<string, string | undefined>>(
  values: T,
): { [K in keyof T]?: string } & Record<string, string> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value)) as never;
}
