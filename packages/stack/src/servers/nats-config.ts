import { type NatsUser, natsAuthorization } from '@b2b-charge/contracts';

export type { NatsUser };

export interface NatsLimits {
  /** Sum of what all streams may reserve, not what the disk has. */
  readonly maxFileStore: string;
  readonly maxMemoryStore: string;
  readonly maxPayload: string;
  /**
   * True: a PubAck means that the message is on the disk. False: it may be lost in a power failure, though not in a
   * crash of the server.
   */
  readonly syncAlways: boolean;
}

export const DEFAULT_NATS_LIMITS: NatsLimits = {
  maxFileStore: '64GB',
  maxMemoryStore: '64MB',
  maxPayload: '1MB',
  syncAlways: false,
};

/** One server's place in a cluster. Routes are not authenticated here: they stay on a network of their own. */
export interface NatsClusterPlace {
  readonly serverName: string;
  /** Address for the other servers' routes. */
  readonly listen: string;
  /** What the others are told to find it at, if that is another. */
  readonly advertise?: string;
  readonly routes: readonly string[];
}

interface NatsConfigOptions {
  /** The server's version: 2.9 refuses settings that came later. */
  readonly version: string;
  readonly listen: string;
  readonly storeDir: string;
  readonly users: readonly NatsUser[];
  readonly limits: NatsLimits;
  readonly cluster?: NatsClusterPlace | undefined;
  /** Address of the port that tells of connections and subscriptions to anyone who asks; none unless given. */
  readonly monitor?: string | undefined;
  readonly tls?: NatsTlsFiles | undefined;
}

/** A server's certificate and its key; a reload reads them anew. */
export interface NatsTlsFiles {
  readonly certFile: string;
  readonly keyFile: string;
}

/** The text of a nats-server configuration: one JetStream server, users known by their keys, nothing for anyone else. */
export function natsConfig(options: NatsConfigOptions): string {
  const { version, listen, storeDir, users, limits, cluster, monitor, tls } = options;
  const knowsSyncInterval = isAtLeast(version, 2, 10);
  return [
    `listen: ${quote(listen)}`,
    ...(monitor ? [`http: ${quote(monitor)}`] : []),
    ...(tls
      ? [`tls { cert_file: ${quote(tls.certFile)}, key_file: ${quote(tls.keyFile)}, timeout: 5 }`]
      : []),
    `max_payload: ${limits.maxPayload}`,
    'jetstream {',
    `  store_dir: ${quote(storeDir)}`,
    `  max_memory_store: ${limits.maxMemoryStore}`,
    `  max_file_store: ${limits.maxFileStore}`,
    ...(limits.syncAlways && knowsSyncInterval ? ['  sync_interval: always'] : []),
    '}',
    ...(cluster ? clusterBlock(cluster) : []),
    natsAuthorization(users),
  ].join('\n');
}

const clusterBlock = ({ serverName, listen, advertise, routes }: NatsClusterPlace): string[] => [
  `server_name: ${quote(serverName)}`,
  'cluster {',
  '  name: b2b-charge',
  `  listen: ${quote(listen)}`,
  ...(advertise ? [`  cluster_advertise: ${quote(advertise)}`] : []),
  '  no_advertise: true',
  `  routes: [${routes.map(quote).join(', ')}]`,
  '}',
];

const quote = (text: string): string => JSON.stringify(text);

function isAtLeast(version: string, major: number, minor: number): boolean {
  const [ours = 0, theirs = 0] = version.split('.').map(Number);
  return ours > major || (ours === major && theirs >= minor);
}
