import path from 'node:path';
import { freePort, type NatsOptions, type NatsServer, startNats } from '@b2b-charge/stack';
import { jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { type NetworkName, openNetwork } from './network/cluster-network.ts';

export const REPLICAS = 3;

/** Three servers as one. */
export interface NatsCluster extends NatsServer {
  readonly members: readonly NatsServer[];
  readonly network: NetworkName;
  /** Cuts a member off from the others; its clients stay connected to it. Call what it returns to mend that. */
  cutOff(member: number): () => void;
  /** Takes a member's host off every network, without a word to anybody. Not with every network. */
  readonly vanish: ((member: number) => () => void) | undefined;
  /** The member that leads a stream; -1 if there is none just now. */
  leaderOf(nc: NatsConnection, stream: string): Promise<number>;
  /** The member that leads JetStream itself; -1 if there is none just now. */
  leaderOfAll(): Promise<number>;
  /** Whether every server has everything of the log and of the events. */
  isInSync(nc: NatsConnection): Promise<boolean>;
  /** Names of the clients that are connected to a member, sorted. */
  clientsOf(member: number): Promise<string[]>;
}

const STREAMS = ['LEDGER_COMMANDS', 'LEDGER_EVENTS'];
const ANSWER_MS = 1_000;
const nameOf = (index: number): string => `n${index + 1}`;

/** Has the shape of startNats, for startFleet. */
export async function startNatsCluster(
  options: NatsOptions,
  wish?: NetworkName,
  progress: (line: string) => void = () => {},
): Promise<NatsCluster> {
  await using stack = new AsyncDisposableStack();
  const { dataDir, guardian, logDir = dataDir } = options;
  const { environment } = options.sources;
  const network = stack.use(
    await openNetwork(wish, { count: REPLICAS, guardian, logDir, environment }, progress),
  );
  const monitors = await Promise.all(network.places.map(() => freePort()));
  const members = await Promise.all(
    network.places.map(({ host, ...place }, index) =>
      startNats({
        ...options,
        host,
        monitorPort: monitors[index],
        dataDir: path.join(dataDir, nameOf(index)),
        // Nobody is to find a way around the network.
        cluster: { serverName: nameOf(index), advertise: '127.0.0.1:1', ...place },
      }),
    ),
  );
  for (const member of members) stack.defer(() => member.stop());
  const broken = (member: number, how: (member: number) => void) => {
    how(member);
    return () => network.mend(member);
  };
  const { vanish } = network;
  async function monitor<T>(member: number, page: string): Promise<T> {
    const { hostname } = new URL(members[member]!.url);
    const url = `http://${hostname}:${monitors[member]}/${page}`;
    return (await (await fetch(url, { signal: AbortSignal.timeout(ANSWER_MS) })).json()) as T;
  }
  const memberNamed = (name?: string) => members.findIndex((_, index) => nameOf(index) === name);
  const [first] = members as [NatsServer];
  const disposal = stack.move();
  return {
    members,
    network: network.name,
    name: 'nats',
    source: first.source,
    version: first.version,
    url: members.map(({ url }) => url).join(','),
    pid: first.pid,
    container: first.container,
    kill: (signal) => first.kill(signal),
    restart: () => first.restart(),
    onExit: (listener) => first.onExit(listener),
    reload: async (users) => void (await Promise.all(members.map((member) => member.reload(users)))),
    stop: () => disposal.disposeAsync(),
    cutOff: (member) => broken(member, network.cutOff),
    vanish: vanish && ((member) => broken(member, vanish)),
    async leaderOf(nc, stream) {
      const manager = await jetstreamManager(nc, { checkAPI: false, timeout: ANSWER_MS });
      const leader = await manager.streams.info(stream).then(
        (info) => info.cluster?.leader,
        () => undefined,
      );
      return memberNamed(leader);
    },
    async leaderOfAll() {
      const { meta_cluster } = await monitor<{ meta_cluster?: { leader?: string } }>(0, 'jsz');
      return memberNamed(meta_cluster?.leader);
    },
    async isInSync(nc) {
      const manager = await jetstreamManager(nc, { checkAPI: false, timeout: ANSWER_MS });
      const infos = await Promise.all(STREAMS.map((name) => manager.streams.info(name))).catch(() => []);
      const replicas = infos.flatMap(({ cluster }) => cluster?.replicas ?? []);
      return (
        replicas.length === STREAMS.length * (REPLICAS - 1) &&
        replicas.every(({ current, offline }) => current && !offline)
      );
    },
    async clientsOf(member) {
      const { connections } = await monitor<{ connections: { name: string }[] }>(member, 'connz');
      return connections.map(({ name }) => name).sort();
    },
  };
}
