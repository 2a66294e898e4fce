import { setTimeout as sleep } from 'node:timers/promises';
import { openClusterMarket } from './cluster-market.ts';
import type { Drill } from './drill.ts';
import { REPLICAS } from './nats-cluster.ts';

/** Three NATS servers with R3 streams: the leader killed, and each one in turn. The short form kills the leader alone. */
export const natsClusterDrill: Drill = {
  name: 'nats-cluster',
  what: 'three NATS servers: the leader killed, then each in turn',
  async run(options) {
    const { progress, sellMs, short = false } = options;
    await using market = await openClusterMarket(options);
    const { cluster } = market;
    return await market.sellThrough(async () => {
      const inTurn = short ? [] : Array.from({ length: REPLICAS }, (_, index) => index);
      for (const victim of [await market.leader(), ...inTurn]) {
        await cluster.members[victim]!.kill('SIGKILL');
        await sleep(sellMs);
        await cluster.members[victim]!.restart();
        progress(
          `server ${victim + 1} killed, away for ${sellMs} ms; the leader is ${(await market.leader()) + 1}`,
        );
        await market.inSync();
      }
    });
  },
};
