import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Launch } from '../process/start-process.ts';
import type { Host } from '../tools/hosts.ts';
import { type Found, SourceUnavailableError } from './choose-source.ts';
import { type ContainerLaunch, containerName, timeZoneOf } from './containers.ts';
import type { NatsOptions } from './nats.ts';
import { DEFAULT_NATS_LIMITS, type NatsTlsFiles, type NatsUser, natsConfig } from './nats-config.ts';
import { writePrivate } from './secret-file.ts';

const CONFIG_IN_CONTAINER = '/etc/b2b-charge';
const PORT_IN_CONTAINER = 4222;
const MONITOR_IN_CONTAINER = 8222;
const CONFIG = 'nats.conf';

export const LOOPBACK: Pick<Host, 'address' | 'within'> = {
  address: '127.0.0.1',
  within: (launch) => launch,
};

const configDir = (dataDir: string) => path.join(dataDir, 'config');

/** Throws SourceUnavailableError if a container cannot honour the options: it has a network of its own. */
export function refuseInContainer({ host, cluster }: Pick<NatsOptions, 'host' | 'cluster'>): void {
  if (host) throw new SourceUnavailableError('a container does not run on a host of another network');
  if (cluster) throw new SourceUnavailableError('a container has no address for the servers of a cluster');
}

/** Writes what the server reads at its start and at a reload. */
export function writeNatsConfig(
  found: Found,
  options: NatsOptions,
  at: { port: number; users: readonly NatsUser[] },
): void {
  const { dataDir, limits, cluster, monitorPort, tls, host = LOOPBACK } = options;
  const inContainer = found.source === 'container';
  const [address, port, monitor] = inContainer
    ? ['0.0.0.0', PORT_IN_CONTAINER, MONITOR_IN_CONTAINER]
    : [host.address, at.port, monitorPort];
  const text = natsConfig({
    version: found.version,
    listen: `${address}:${port}`,
    storeDir: inContainer ? '/data' : path.join(dataDir, 'store'),
    users: at.users,
    limits: { ...DEFAULT_NATS_LIMITS, ...limits },
    cluster,
    monitor: monitorPort ? `${address}:${monitor}` : undefined,
    tls: tls && inContainer ? copyForContainer(tls, dataDir) : tls,
  });
  writePrivate(path.join(configDir(dataDir), CONFIG), text);
}

/** Copies the files into the folder that the container sees. Returns their paths in there. */
function copyForContainer({ certFile, keyFile }: NatsTlsFiles, dataDir: string): NatsTlsFiles {
  const copy = (file: string, name: string): string => {
    writePrivate(path.join(configDir(dataDir), name), readFileSync(file, 'utf8'));
    return `${CONFIG_IN_CONTAINER}/${name}`;
  };
  return { certFile: copy(certFile, 'server.crt'), keyFile: copy(keyFile, 'server.key') };
}

export function natsLaunch(found: Found, options: NatsOptions, port: number): Launch | ContainerLaunch {
  const { dataDir, sources, monitorPort, host = LOOPBACK } = options;
  if (found.source === 'container') {
    return {
      name: containerName('nats', dataDir),
      image: found.program,
      dataDir,
      ports: { [PORT_IN_CONTAINER]: port, ...(monitorPort ? { [MONITOR_IN_CONTAINER]: monitorPort } : {}) },
      volumeAt: '/data',
      mounts: { [configDir(dataDir)]: CONFIG_IN_CONTAINER },
      variables: timeZoneOf(sources),
      // Flags alone: the image's entry point adds the program.
      args: ['--config', `${CONFIG_IN_CONTAINER}/${CONFIG}`],
    };
  }
  const args = ['--config', path.join(configDir(dataDir), CONFIG)];
  return host.within({ command: found.program, args, environment: sources.environment, cwd: dataDir });
}
