import { setTimeout as sleep } from 'node:timers/promises';
import type { NatsConnection } from '@nats-io/transport-node';
import type { Drill } from './drill.ts';
import { openMarket } from './market.ts';
import { type NatsCluster, REPLICAS, startNatsCluster } from './nats-cluster.ts';

const LOG = 'LEDGER_COMMANDS';

/** Three NATS servers with R3 streams: the leader killed, each one in turn, and the leader cut off from the others. */
export const natsClusterDrill: Drill = {
  name: 'nats-cluster',
  what: 'three NATS servers: the leader killed, each in turn, the leader cut off from the others',
  commandLineOnly: true,
  async run(options) {
    const { progress, sellMs } = options;
    let cluster!: NatsCluster;
    await using market = await openMarket(options, {
      streamReplicas: REPLICAS,
      startNats: async (given) => {
        cluster = await startNatsCluster(given);
        return cluster;
      },
    });
    const nc = await market.fleet.connect('operator');
    try {
      return await market.sellThrough(async () => {
        const inTurn = Array.from({ length: REPLICAS }, (_, index) => index);
        for (const victim of [await leader(cluster, nc), ...inTurn]) {
          cluster.members[victim]!.kill('SIGKILL');
          await sleep(sellMs);
          await cluster.members[victim]!.restart();
          progress(
            `server ${victim + 1} killed, away for ${sellMs} ms; the leader is ${(await leader(cluster, nc)) + 1}`,
          );
          await inSync(cluster, nc);
        }
        const cutOff = await leader(cluster, nc);
        const mend = cluster.cutOff(cutOff);
        await sleep(Math.max(sellMs, CUT_MS));
        mend();
        progress(`the leader, ${cutOff + 1}, was cut off; now it is ${(await leader(cluster, nc)) + 1}`);
        await inSync(cluster, nc);
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
