import { shopOf } from '../harness/load-vendors.ts';
import { bare } from './bare.ts';
import { ceiling } from './ceiling.ts';
import { closedLoop } from './closed.ts';
import { counts } from './counts.ts';
import { drains } from './drain.ts';
import { historyStages } from './history.ts';
import { hops } from './hops.ts';
import { compared } from './naive.ts';
import { natsStages } from './nats.ts';
import { openLoop } from './open.ts';
import { pgbench } from './pgbench.ts';
import { prices } from './prices.ts';
import { repeats } from './repeats.ts';
import type { StagePlan } from './scope.ts';
import { soak } from './soak.ts';
import { natsWindow } from './window.ts';
import { wrk } from './wrk.ts';

export const VENDORS = 10_000;

/** Everything that can be measured, by the servers that it shares. */
export const STAGES: readonly StagePlan[] = [
  {
    name: 'main',
    shop: shopOf(VENDORS),
    scenarios: [
      counts,
      ...drains,
      ceiling,
      ...closedLoop,
      wrk,
      bare,
      repeats,
      natsWindow,
      openLoop,
      compared,
      pgbench,
      prices,
      hops,
      soak,
    ],
  },
  ...historyStages,
  ...natsStages,
];
