import { mkdirSync, realpathSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Host } from '../tools/hosts.ts';
import { executables, findBinary, versionOf } from './binaries.ts';
import { chooseSource, type Finders, type Found, SourceUnavailableError } from './choose-source.ts';
import { findImage } from './containers.ts';
import { unpackDebian } from './debian-package.ts';
import { portFor } from './free-port.ts';
import { startManaged } from './managed-server.ts';
import type { NatsClusterPlace, NatsLimits, NatsTlsFiles, NatsUser } from './nats-config.ts';
import { natsHealth } from './nats-health.ts';
import { LOOPBACK, natsLaunch, refuseInContainer, writeNatsConfig } from './nats-launch.ts';
import { NotOursError, type Server, type ServerOptions } from './server.ts';
import { serverAtUrl } from './url-server.ts';

const IMAGE = 'nats:2-alpine';
// The tag names the newest 2.x; what matters here is only that it is at least 2.10.
const IMAGE_VERSION = '2.10';
/** Two signals at once would be one. */
const RELOAD_AGAIN_MS = 300;

export interface NatsOptions extends ServerOptions {
  /** A function is asked at every start, and at every reload without users. */
  readonly users: readonly NatsUser[] | (() => readonly NatsUser[]);
  readonly limits?: Partial<NatsLimits>;
  /** Its place in a cluster; alone unless given. Never in a container. */
  readonly cluster?: NatsClusterPlace;
  /** Port at its address that tells of connections and subscriptions. */
  readonly monitorPort?: number | undefined;
  /** Host that it runs on instead of 127.0.0.1; never in a container. */
  readonly host?: Pick<Host, 'address' | 'within'> | undefined;
  /** Encrypted connections alone. */
  readonly tls?: NatsTlsFiles | undefined;
}

export interface NatsServer extends Server {
  /**
   * Puts other users, and what the TLS files hold now, in force without a restart; connections of users that are gone
   * are cut. Throws NotOursError for a server known by URL.
   */
  reload(users?: readonly NatsUser[]): Promise<void>;
}

/**
 * Finds or starts nats-server with JetStream on 127.0.0.1, unless a host is given. Throws ServerStartError,
 * NoSourceError, or NotOursError for wishes that a server known by URL does not hear.
 */
export async function startNats(given: NatsOptions): Promise<NatsServer> {
  const url = given.sources.urls.nats;
  if (url) return natsAtUrl(url, given);
  mkdirSync(given.dataDir, { recursive: true });
  const options = { ...given, dataDir: realpathSync(given.dataDir) };
  const found = await chooseSource('nats', natsFinders(options), options);
  const port = await portFor('nats', options.port, options.progress ?? (() => {}));
  const { users } = options;
  let current = typeof users === 'function' ? users : () => users;
  let lastPort = port;
  const server = await startManaged(
    {
      name: 'nats',
      source: found.source,
      port,
      stopSignal: 'SIGTERM',
      url: (at) => `nats://${(options.host ?? LOOPBACK).address}:${at}`,
      launch: (at) => {
        lastPort = at;
        writeNatsConfig(found, options, { port: at, users: current() });
        return natsLaunch(found, options, at);
      },
      health: natsHealth,
    },
    options,
  );
  return Object.assign(server, {
    reload: async (others?: readonly NatsUser[]) => {
      if (others) current = () => others;
      writeNatsConfig(found, options, { port: lastPort, users: current() });
      // A new account gets its imports with the second reload (seen on 2.9.10 and 2.15.1).
      await server.kill('SIGHUP');
      await sleep(RELOAD_AGAIN_MS);
      await server.kill('SIGHUP');
    },
  });
}

/** Users and limits are its owner's affair; what a caller could not do without is refused. */
async function natsAtUrl(url: string, wishes: NatsOptions): Promise<NatsServer> {
  const unheard = (['cluster', 'monitorPort', 'host', 'tls'] as const).filter(
    (wish) => wishes[wish] !== undefined,
  );
  if (unheard.length > 0)
    throw new NotOursError(`nats was given by URL; it cannot be given ${unheard.join(', ')}`);
  const reload = async () => {
    throw new NotOursError('nats was given by URL; its users are not ours to change');
  };
  return { ...(await serverAtUrl('nats', url, natsHealth)), reload };
}

/** A nats-server that can be run with any configuration, no container. Throws NoSourceError. */
export function findNatsProgram(options: ServerOptions): Promise<Found> {
  const { container: _, ...finders } = natsFinders(options);
  return chooseSource('nats', finders, options);
}

function natsFinders(options: ServerOptions & Pick<NatsOptions, 'host' | 'cluster'>): Finders {
  const { sources } = options;
  return {
    binary: () => findBinary('nats-server', sources, sources.binaries.nats),
    container: async () => {
      refuseInContainer(options);
      return await findImage(IMAGE, IMAGE_VERSION, options);
    },
    debian: async () => {
      // Go links its programs statically: no libraries to look for.
      const root = await unpackDebian('nats-server', async () => ['nats-server'], options);
      const program = executables('nats-server', [
        path.join(root, 'usr/sbin'),
        path.join(root, 'usr/bin'),
      ])[0];
      if (!program) throw new SourceUnavailableError(`no nats-server in ${root}`);
      return { source: 'debian', program, version: await versionOf(program, sources.environment) };
    },
  };
}
