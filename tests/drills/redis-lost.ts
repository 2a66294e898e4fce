import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import type { Drill } from './drill.ts';
import { openMarket } from './market.ts';
import { Watch } from './watch.ts';
import { checkLimitsHold } from './without-redis.ts';

/** Longer than anybody waits for Redis before doing without. */
const AWAY_MS = 3_000;
const FLUSHES = 3;

/** Redis holds copies and counters, and nothing rests on them. */
export const redisLost: Drill = {
  name: 'redis-lost',
  what: 'Redis emptied under load, then killed for seconds; no sale may fail, limits and tokens hold',
  async run(options) {
    const { progress, sellMs } = options;
    await using market = await openMarket(options);
    const { fleet, load } = market;
    const watch = new Watch(load.book);
    const faults: string[] = [];
    const result = await market.sellThrough(async () => {
      progress(watch.phase('before'));
      const redis = new Redis(fleet.redis.url);
      for (let flush = 0; flush < FLUSHES; flush++) {
        await redis.flushall();
        await sleep(sellMs / FLUSHES);
      }
      redis.disconnect();
      progress(watch.phase('emptied again and again'));
      await fleet.redis.kill('SIGKILL');
      await fleet.redis.stop();
      const held = checkLimitsHold(fleet);
      await sleep(Math.max(sellMs, AWAY_MS));
      faults.push(...(await held));
      progress(watch.phase('away'));
      await fleet.redis.restart();
      await sleep(sellMs);
      progress(watch.phase('back'));
    });
    const findings = [...result.findings, ...faults, ...watch.failed];
    const audit = findings.length === result.findings.length ? result.audit : `${findings.length} findings`;
    return { ...result, audit, findings };
  },
};
