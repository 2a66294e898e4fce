import { setTimeout as sleep } from 'node:timers/promises';
import { keepsLogsEqual } from '@b2b-charge/runtime';
import type { NatsConnection } from '@nats-io/transport-node';
import { lastSeqOf } from '../chaos/check/streams.ts';
import type { Drill } from './drill.ts';
import { CopyReader } from './log-copies.ts';
import { openMarket } from './market.ts';
import { type NatsCluster, REPLICAS, startNatsCluster } from './nats-cluster.ts';

const LOG = 'LEDGER_COMMANDS';

/**
 * Three NATS servers with R3 streams: the leader killed, each one in turn, and the leader cut off from the others. The
 * short form kills the leader alone.
 */
export const natsClusterDrill: Drill = {
  name: 'nats-cluster',
  what: 'three NATS servers: the leader killed, each in turn, the leader cut off from the others',
  async run(options) {
    const { progress, sellMs, short = false } = options;
    const copies = new CopyReader();
    let cluster!: NatsCluster;
    await using market = await openMarket(options, {
      streamReplicas: REPLICAS,
      startNats: async (given) => {
        const users = typeof given.users === 'function' ? given.users() : given.users;
        cluster = await startNatsCluster({ ...given, users: [...users, copies.user] });
        return cluster;
      },
    });
    const nc = await market.fleet.connect('operator');
    try {
      const blows = async () => {
        const inTurn = short ? [] : Array.from({ length: REPLICAS }, (_, index) => index);
        for (const victim of [await leader(cluster, nc), ...inTurn]) {
          cluster.members[victim]!.kill('SIGKILL');
          await sleep(sellMs);
          await cluster.members[victim]!.restart();
          progress(
            `server ${victim + 1} killed, away for ${sellMs} ms; the leader is ${(await leader(cluster, nc)) + 1}`,
          );
          await inSync(cluster, nc);
        }
        if (short) return;
        if (!keepsLogsEqual(cluster.version))
          return progress(
            `nats-server ${cluster.version} does not survive that its leader is cut off: left out`,
          );
        const cutOff = await leader(cluster, nc);
        const mend = cluster.cutOff(cutOff);
        await sleep(Math.max(sellMs, CUT_MS));
        mend();
        progress(`the leader, ${cutOff + 1}, was cut off; now it is ${(await leader(cluster, nc)) + 1}`);
        await inSync(cluster, nc);
      };
      return await market.sellThrough(blows, {
        alsoCheck: async (findings) => copies.compare(cluster, await lastSeqOf(nc, LOG), findings),
      });
    } finally {
      await nc.close();
    }
  },
};

/** Longer than a leader needs to notice that it has lost its followers. */
const CUT_MS = 6_000;
const WITHIN_MS = 30_000;
const EVERY_MS = 100;

async function leader(cluster: NatsCluster, nc: NatsConnection): Promise<number> {
  for (const endAt = Date.now() + WITHIN_MS; ; await sleep(EVERY_MS)) {
    const found = await cluster.leaderOf(nc, LOG);
    if (found >= 0) return found;
    if (Date.now() > endAt) throw new Error(`${LOG} has had no leader for ${WITHIN_MS} ms`);
  }
}

/** Another server may go only when this one holds everything again: two of three must. */
async function inSync(cluster: NatsCluster, nc: NatsConnection): Promise<void> {
  for (const endAt = Date.now() + WITHIN_MS; ; await sleep(EVERY_MS)) {
    if (await cluster.isInSync(nc)) return;
    if (Date.now() > endAt) throw new Error('the cluster does not come together again');
  }
}
