import { shopOf } from '../harness/load-vendors.ts';
import { pair } from './history.ts';
import type { StagePlan } from './scope.ts';

/** Nats-servers: the one of this machine, the one given by --nats-binary, and that one syncing every message. */
export const natsStages: readonly StagePlan[] = [
  {
    name: 'nats-own',
    shop: shopOf(10_000),
    scenarios: [pair({ name: 'nats-own', group: 'nats', title: "this machine's nats-server" })],
  },
  {
    name: 'nats-other',
    shop: shopOf(10_000),
    otherNats: true,
    scenarios: [pair({ name: 'nats-other', group: 'nats', title: 'the other nats-server' })],
  },
  {
    name: 'nats-sync',
    shop: shopOf(10_000),
    otherNats: true,
    natsLimits: { syncAlways: true },
    scenarios: [
      pair({
        name: 'nats-sync',
        group: 'nats',
        title: 'the other nats-server, sync_interval: always',
        count: 20_000,
      }),
    ],
  },
];
