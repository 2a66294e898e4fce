import { mkdirSync, realpathSync } from 'node:fs';
import path from 'node:path';
import type { Launch } from '../process/start-process.ts';
import type { Host } from '../tools/hosts.ts';
import { executables, findBinary, versionOf } from './binaries.ts';
import { chooseSource, type Finders, type Found, SourceUnavailableError } from './choose-source.ts';
import { containerLaunch, findImage } from './containers.ts';
import { unpackDebian } from './debian-package.ts';
import { portFor } from './free-port.ts';
import { startManaged } from './managed-server.ts';
import {
  DEFAULT_NATS_LIMITS,
  type NatsClusterPlace,
  type NatsLimits,
  type NatsTlsFiles,
  type NatsUser,
  natsConfig,
} from './nats-config.ts';
import { natsHealth } from './nats-health.ts';
import { writePrivate } from './secret-file.ts';
import type { Server, ServerOptions } from './server.ts';
import { serverAtUrl } from './url-server.ts';

const IMAGE = 'nats:2-alpine';
// The tag names the newest 2.x; what matters here is only that it is at least 2.10.
const IMAGE_VERSION = '2.10';
const CONFIG_IN_CONTAINER = '/etc/b2b-charge';

export interface NatsOptions extends ServerOptions {
  /** A function is asked at every start, and at every reload without users. */
  readonly users: readonly NatsUser[] | (() => readonly NatsUser[]);
  readonly limits?: Partial<NatsLimits>;
  /** Its place in a cluster; alone unless given. */
  readonly cluster?: NatsClusterPlace;
  /** Port at its address that tells of connections and subscriptions; not of a server in a container. */
  readonly monitorPort?: number | undefined;
  /** Where it runs and is found instead of 127.0.0.1; not a server in a container. */
  readonly host?: Pick<Host, 'address' | 'within'> | undefined;
  /** Encrypted connections alone; not of a server in a container. */
  readonly tls?: NatsTlsFiles | undefined;
}

export interface NatsServer extends Server {
  /** Puts other users in force without a restart; connections of users that are gone are cut. */
  reload(users?: readonly NatsUser[]): Promise<void>;
}

const LOOPBACK: Pick<Host, 'address' | 'within'> = { address: '127.0.0.1', within: (launch) => launch };

/** Finds or starts nats-server with JetStream on 127.0.0.1, unless a host is given. Throws ServerStartError or NoSourceError. */
export async function startNats(given: NatsOptions): Promise<NatsServer> {
  const url = given.sources.urls.nats;
  if (url) return { ...(await serverAtUrl('nats', url, natsHealth)), reload: async () => {} };
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
        writeConfig(found, options, { port: at, users: current() });
        return natsLaunch(found, options, at);
      },
      health: natsHealth,
    },
    options,
  );
  return Object.assign(server, {
    reload: async (others?: readonly NatsUser[]) => {
      if (others) current = () => others;
      writeConfig(found, options, { port: lastPort, users: current() });
      server.kill('SIGHUP');
    },
  });
}

/** A nats-server that can be run with any configuration, no container. Throws NoSourceError. */
export function findNatsProgram(options: ServerOptions): Promise<Found> {
  const { container: _, ...finders } = natsFinders(options);
  return chooseSource('nats', finders, options);
}

function natsFinders(options: ServerOptions): Finders {
  const { sources } = options;
  return {
    binary: () => findBinary('nats-server', sources, sources.binaries.nats),
    container: () => findImage(IMAGE, IMAGE_VERSION, options),
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

const configFile = (dataDir: string) => path.join(dataDir, 'config', 'nats.conf');

function writeConfig(
  found: Found,
  { dataDir, limits, cluster, monitorPort, tls, host = LOOPBACK }: NatsOptions,
  { port, users }: { port: number; users: readonly NatsUser[] },
): void {
  const inContainer = found.source === 'container';
  const text = natsConfig({
    version: found.version,
    listen: inContainer ? '0.0.0.0:4222' : `${host.address}:${port}`,
    storeDir: inContainer ? '/data' : path.join(dataDir, 'store'),
    users,
    limits: { ...DEFAULT_NATS_LIMITS, ...limits },
    cluster,
    monitor: monitorPort && !inContainer ? `${host.address}:${monitorPort}` : undefined,
    tls: inContainer ? undefined : tls,
  });
  writePrivate(configFile(dataDir), text);
}

function natsLaunch(
  found: Found,
  { dataDir, sources, host = LOOPBACK }: NatsOptions,
  port: number,
): Launch | Promise<Launch> {
  if (found.source === 'container') {
    return containerLaunch(
      {
        server: 'nats',
        image: found.program,
        dataDir,
        ports: [port, 4222],
        volumeAt: '/data',
        mounts: { [path.join(dataDir, 'config')]: CONFIG_IN_CONTAINER },
        // Flags alone: the image's entry point adds the program.
        args: ['--config', `${CONFIG_IN_CONTAINER}/nats.conf`],
      },
      sources,
    );
  }
  const args = ['--config', configFile(dataDir)];
  return host.within({ command: found.program, args, environment: sources.environment, cwd: dataDir });
}
