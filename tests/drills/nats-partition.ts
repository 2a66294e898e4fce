import { setTimeout as sleep } from 'node:timers/promises';
import { keepsLogsEqual } from '@b2b-charge/runtime';
import { type ClusterMarket, openClusterMarket } from './cluster-market.ts';
import type { Drill } from './drill.ts';
import { movesFrom } from './moves.ts';

/**
 * Three NATS servers: the leader loses the others and keeps its clients; then its host vanishes, for everybody and without
 * a word. The short form is the latter alone.
 */
export const natsPartition: Drill = {
  name: 'nats-partition',
  what: 'three NATS servers: the leader is cut off from the others; its host vanishes',
  // tests/drills/nats-partition.test.ts runs the short form, where it can.
  commandLineOnly: true,
  async run(options) {
    const { progress, sellMs, short = false } = options;
    await using market = await openClusterMarket(options);
    const { cluster } = market;
    const { version, vanish } = cluster;
    const keepsEqual = keepsLogsEqual(version);
    return await market.sellThrough(async () => {
      if (!keepsEqual)
        progress(`nats-server ${version} does not survive that its leader is cut off: left out`);
      else if (!short)
        await withoutLeader(market, { ...options, what: 'cut off from the others', how: cluster.cutOff });
      if (!vanish) return progress('no host vanishes: that takes network namespaces');
      await withoutLeader(market, {
        progress,
        sellMs,
        what: 'gone without a word',
        how: vanish,
        // What an older server has not told anybody it may tell when it comes back: its host is without power meanwhile.
        ...(keepsEqual ? {} : { withoutPower: true }),
      });
    });
  },
};

/** Longer than a leader needs to notice; routes that were refused for long come back late. */
const PROXIES_CUT_MS = 6_000;

interface Blow {
  readonly what: string;
  readonly how: (member: number) => () => void;
  readonly withoutPower?: boolean;
  readonly sellMs: number;
  readonly progress: (line: string) => void;
}

/** Until another server leads and all clients are with the others, and for `sellMs` more. */
async function withoutLeader(
  market: ClusterMarket,
  { what, how, withoutPower = false, sellMs, progress }: Blow,
): Promise<void> {
  const { cluster } = market;
  const victim = await market.leader();
  await using stack = new AsyncDisposableStack();
  const client = await market.clientAt(victim);
  stack.defer(() => client.close());
  const moves = await movesFrom(cluster, victim);
  const longestMs = await market.timed(async () => {
    const cutAt = performance.now();
    const seconds = () => `${((performance.now() - cutAt) / 1_000).toFixed(1)} s`;
    const mend = how(victim);
    progress(`the leader, ${victim + 1}, is ${what}; its clients: ${moves.clients.join(', ')}`);
    if (cluster.network === 'namespaces')
      await Promise.all([
        market.leader(victim).then((next) => progress(`${next + 1} leads after ${seconds()}`)),
        moves.done().then(() => progress(`its clients are with other servers after ${seconds()}`)),
      ]);
    else await sleep(PROXIES_CUT_MS);
    await sleep(sellMs);
    if (withoutPower) await cluster.members[victim]!.kill('SIGKILL');
    mend();
    if (withoutPower) await cluster.members[victim]!.restart();
    progress(`it is back after ${seconds()}${withoutPower ? ', started again' : ''}`);
    await market.inSync();
    progress(`all hold everything after ${seconds()}`);
    await sleep(sellMs);
  });
  progress(`${what}: ${(longestMs / 1_000).toFixed(1)} s without an outcome for anyone`);
}
