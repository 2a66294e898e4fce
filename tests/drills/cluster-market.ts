import type { NatsConnection } from '@nats-io/transport-node';
import { lastSeqOf } from '../chaos/check/streams.ts';
import type { DrillOptions, DrillResult } from './drill.ts';
import { CopyReader } from './log-copies.ts';
import { openMarket } from './market.ts';
import { type NatsCluster, REPLICAS, startNatsCluster } from './nats-cluster.ts';
import { until } from './until.ts';

const LOG = 'LEDGER_COMMANDS';
/** Clients choose by chance. */
const MAX_TRIES = 100;
/** Now and then a server that comes back cannot follow at first; seen to take two minutes (docs/disaster-recovery.md). */
const IN_SYNC_MS = 180_000;

/** A market on three NATS servers. The proof compares the servers' own copies of the log, too. */
export interface ClusterMarket extends AsyncDisposable {
  readonly cluster: NatsCluster;
  /** The member that leads the log, once there is one, and it is another than this one. */
  leader(notThis?: number): Promise<number>;
  /** One more client, as services are, that is connected to this member. */
  clientAt(member: number): Promise<NatsConnection>;
  /** Another server may go only when this one holds everything again: two of three must. */
  inSync(): Promise<void>;
  /** Does it, and returns the longest time without an outcome for anyone meanwhile. */
  timed(work: () => Promise<void>): Promise<number>;
  sellThrough(blow: () => Promise<void>): Promise<DrillResult>;
}

export async function openClusterMarket(options: DrillOptions): Promise<ClusterMarket> {
  await using stack = new AsyncDisposableStack();
  const copies = new CopyReader();
  let cluster!: NatsCluster;
  const market = stack.use(
    await openMarket(options, {
      streamReplicas: REPLICAS,
      startNats: async (given) => {
        const users = typeof given.users === 'function' ? given.users() : given.users;
        const more = { ...given, users: [...users, copies.user] };
        cluster = await startNatsCluster(more, options.network, options.progress);
        return cluster;
      },
    }),
  );
  const nc = await market.fleet.connect('operator');
  stack.defer(() => nc.close());
  const { book } = market.load;
  const disposal = stack.move();
  return {
    cluster,
    leader: (notThis = -1) => leaderOf(cluster, nc, notThis),
    async clientAt(member) {
      for (let tries = 0; tries < MAX_TRIES; tries++) {
        const client = await market.fleet.connect('operator');
        if (cluster.members[member]!.url.endsWith(client.getServer())) return client;
        await client.close();
      }
      throw new Error(`none of ${MAX_TRIES} clients came to server ${member + 1}`);
    },
    inSync: () => until('all servers hold everything', () => cluster.isInSync(nc), IN_SYNC_MS),
    async timed(work) {
      const before = book.longestSilenceMs;
      book.longestSilenceMs = 0;
      await work();
      const longest = book.longestSilenceMs;
      book.longestSilenceMs = Math.max(before, longest);
      return longest;
    },
    sellThrough: (blow) =>
      market.sellThrough(blow, {
        alsoCheck: async (findings) => copies.compare(cluster, await lastSeqOf(nc, LOG), findings),
      }),
    [Symbol.asyncDispose]: () => disposal.disposeAsync(),
  };
}

async function leaderOf(cluster: NatsCluster, nc: NatsConnection, notThis: number): Promise<number> {
  let found = -1;
  await until(`${LOG} has a leader`, async () => {
    found = await cluster.leaderOf(nc, LOG);
    return found >= 0 && found !== notThis;
  });
  return found;
}
