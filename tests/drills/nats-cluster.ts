import path from 'node:path';
import { freePort, type NatsOptions, type NatsServer, startNats } from '@b2b-charge/stack';
import { jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { CuttableProxy } from '../gateway/proxy.ts';

export const REPLICAS = 3;

/** Three servers on loopback as one: every route goes through a proxy, so that a server can be cut off from the others. */
export interface NatsCluster extends NatsServer {
  readonly members: readonly NatsServer[];
  /** Cuts a member off from the others; its clients stay connected to it. Call what it returns to mend that. */
  cutOff(member: number): () => void;
  /** The member that leads a stream; -1 if there is none just now. */
  leaderOf(nc: NatsConnection, stream: string): Promise<number>;
  /** Whether every server has everything of the log and of the events. */
  isInSync(nc: NatsConnection): Promise<boolean>;
}

const STREAMS = ['LEDGER_COMMANDS', 'LEDGER_EVENTS'];
const nameOf = (index: number): string => `n${index + 1}`;

/** Has the shape of startNats, for startFleet. */
export async function startNatsCluster(options: NatsOptions): Promise<NatsCluster> {
  const ports = await Promise.all(Array.from({ length: REPLICAS }, () => freePort()));
  const routes: {
    readonly ends: readonly [number, number];
    readonly proxy: CuttableProxy;
    readonly url: string;
  }[] = [];
  // In a ring: between any two one route, and for each server one of its own, without which it would not be in a cluster.
  for (let from = 0; from < REPLICAS; from++) {
    const to = (from + 1) % REPLICAS;
    routes.push({ ends: [from, to], ...(await CuttableProxy.to(`nats://127.0.0.1:${ports[to]}`)) });
  }
  const members = await Promise.all(
    ports.map((port, index) =>
      startNats({
        ...options,
        dataDir: path.join(options.dataDir, nameOf(index)),
        cluster: {
          serverName: nameOf(index),
          listen: `127.0.0.1:${port}`,
          // Nobody is to find a way around the proxies.
          advertise: '127.0.0.1:1',
          routes: routes.filter(({ ends }) => ends[0] === index).map(({ url }) => url),
        },
      }),
    ),
  );
  const [first] = members as [NatsServer];
  return {
    members,
    ...{
      name: 'nats',
      source: first.source,
      version: first.version,
      url: members.map(({ url }) => url).join(','),
    },
    pid: first.pid,
    kill: (signal) => first.kill(signal),
    restart: () => first.restart(),
    onExit: (listener) => first.onExit(listener),
    reload: async (users) => void (await Promise.all(members.map((member) => member.reload(users)))),
    stop: async () => {
      await Promise.all(members.map((member) => member.stop()));
      await Promise.all(routes.map(({ proxy }) => proxy[Symbol.asyncDispose]()));
    },
    cutOff(member) {
      const cut = routes.filter(({ ends }) => ends.includes(member));
      for (const { proxy } of cut) proxy.cut();
      return () => {
        for (const { proxy } of cut) proxy.mend();
      };
    },
    async leaderOf(nc, stream) {
      const manager = await jetstreamManager(nc, { checkAPI: false });
      const leader = await manager.streams.info(stream).then(
        (info) => info.cluster?.leader,
        () => undefined,
      );
      return members.findIndex((_, index) => nameOf(index) === leader);
    },
    async isInSync(nc) {
      const manager = await jetstreamManager(nc, { checkAPI: false });
      const infos = await Promise.all(STREAMS.map((name) => manager.streams.info(name))).catch(() => []);
      const replicas = infos.flatMap(({ cluster }) => cluster?.replicas ?? []);
      return (
        replicas.length === STREAMS.length * (REPLICAS - 1) &&
        replicas.every(({ current, offline }) => current && !offline)
      );
    },
  };
}
