import { FEW } from './bare.ts';
import { httpScenario } from './http.ts';

const group = 'closed';
const inFlight = (connections: number, quick = false) =>
  httpScenario({
    name: `http-${connections}`,
    group,
    about: `${connections} in flight`,
    quick,
    varied: { connections },
  });

/** Each caller sends its next sale when the last one is answered. */
export const closedLoop = [
  inFlight(128, true),
  httpScenario({
    name: 'hot',
    group,
    about: '128 in flight, one hot vendor',
    quick: true,
    varied: { spread: 'hot' },
  }),
  httpScenario({ name: 'http-64', group, about: '64 in flight, 10 vendors', quick: true, varied: FEW }),
  inFlight(1),
  inFlight(16),
  inFlight(512),
  httpScenario({ name: 'zipf', group, about: '128 in flight, vendors by Zipf', varied: { spread: 'zipf' } }),
  httpScenario({
    name: 'rejections',
    group,
    about: '128 in flight, rejections only (insufficient balance)',
    varied: { amount: '90000000000' },
  }),
  httpScenario({
    name: 'bulk',
    group,
    about: 'bulk endpoint: 8 requests in flight, 100 sales each',
    varied: { connections: 8, bulk: 100 },
  }),
  httpScenario({
    name: 'gateways-2',
    group: 'processes',
    about: 'HTTP, 2 gateways, 1 ledger',
    varied: {},
    gateways: 2,
  }),
  httpScenario({
    name: 'ledgers-2',
    group: 'processes',
    about: 'HTTP, 1 gateway, 2 ledgers',
    varied: {},
    ledgers: 2,
  }),
];
