import type { FleetProcess } from '@b2b-charge/stack';
import { type Allocations, countAllocations } from '../harness/allocations.ts';
import { type CountingProxy, startCountingProxy } from '../harness/counting-proxy.ts';
import { drain } from '../harness/drain.ts';
import type { Figure } from '../harness/figure.ts';
import { figureOf, measure } from '../harness/measure.ts';
import type { Scenario, Scope } from './scope.ts';

/** Fixed, whatever the machine: these figures are compared with bench/budget.json. */
const WARM_UP = 10_240;
const COUNT = 40_960;
const WINDOW = 2_000;
const LONE = { connections: 1, vendors: 10, warmupMs: 0, measureMs: 60_000 };
const LONE_WARM_UP = { connections: 64, limit: 3_000 };
const LONE_COUNT = 600;
/** Through the proxy each takes some 40 ms. */
const LONE_SEEN = 40;

/** Ledgers of this scenario; one at a time. A long lease keeps its renewals out of what is counted. */
interface Ledgers {
  /** Its connection to PostgreSQL goes through the proxy, so no time of it is a figure. */
  readonly seen: FleetProcess;
  readonly unseen: FleetProcess;
}

/**
 * What a charge costs in things that can be counted: they are the same on every machine, so a change for the worse
 * shows even where times mean nothing.
 */
export const counts: Scenario = {
  name: 'counts',
  about: 'messages, round trips, statements and bytes per charge, in full batches and alone',
  quick: true,
  async run(scope) {
    const { stage, services } = scope;
    await services.want({ ledgers: 0, gateways: 0 });
    const own = new URL(stage.fleet.environment('ledger').DATABASE_URL!);
    await using proxy = await startCountingProxy(new URL(own), 'ledger-writer');
    own.port = String(proxy.port);
    const allocations = countAllocations(stage);
    const environment = { LEASE_MS: '60000', ...allocations.environment };
    const add = async (database: Readonly<Record<string, string>>) => {
      const ledger = await stage.fleet.add('ledger', { ...environment, ...database });
      await ledger.process.stop();
      return ledger;
    };
    const ledgers = { seen: await add({ DATABASE_URL: own.href }), unseen: await add({}) };
    const full = await countFull(scope, proxy, ledgers.seen, allocations);
    await ledgers.seen.process.restart();
    const gateway = await stage.fleet.add('gateway', allocations.environment);
    const lone = await countLone(scope, proxy, { ...ledgers, gateway }, allocations);
    await gateway.process.stop();
    return [full, lone];
  },
};

async function countFull(
  scope: Scope,
  proxy: CountingProxy,
  ledger: FleetProcess,
  allocations: Allocations,
): Promise<Figure> {
  const { stage, progress } = scope;
  const start = () => ledger.process.restart();
  // After a checkpoint every page is written to the WAL whole, once: a first drain takes that away from the second.
  await stage.database.query('CHECKPOINT');
  await drain(stage, { plan: fillOf(scope, 'counts-first', WARM_UP), start });
  await ledger.process.stop();
  const before = { ...proxy.traffic };
  let allocatedBefore = 0;
  const figure = await drain(stage, {
    plan: fillOf(scope, 'counts', COUNT),
    start: async () => {
      await start();
      allocatedBefore = await allocations.read(ledger.process.pid!);
    },
  });
  const allocated = (await allocations.read(ledger.process.pid!)) - allocatedBefore;
  const batches = proxy.traffic.begins - before.begins;
  await ledger.process.stop();
  progress(`counts: ${batches} batches for ${COUNT} charges`);
  return {
    ...{
      discrepancies: [],
      ...timeless(figure),
      scenario: 'counts',
      group: 'counts',
      title: 'in full batches',
    },
    notes: [],
    ...perBatch(proxy, before),
    chargesPerBatch: COUNT / batches,
    ledgerBytesPerCharge: allocated / COUNT,
  };
}

/** The gateway and the ledger that is seen run. */
async function countLone(
  scope: Scope,
  proxy: CountingProxy,
  { seen, unseen, gateway }: Ledgers & { gateway: FleetProcess },
  allocations: Allocations,
): Promise<Figure> {
  const { stage, httpPlan, prefix } = scope;
  const ports = [Number(new URL(gateway.url).port)];
  const sell = (limit: number, varied = {}) =>
    measure(stage, httpPlan(prefix('lone'), { ...LONE, ports, limit, ...varied }));
  await sell(LONE_SEEN);
  const before = { ...proxy.traffic };
  const statements = await sell(LONE_SEEN);
  const batch = perBatch(proxy, before);
  await seen.process.stop();
  await unseen.process.restart();
  const warm = await sell(LONE_WARM_UP.limit, LONE_WARM_UP);
  const read = () => Promise.all([unseen, gateway].map(({ process }) => allocations.read(process.pid!)));
  const [ledgerBefore, gatewayBefore] = await read();
  const measured = await sell(LONE_COUNT);
  const [ledgerAfter, gatewayAfter] = await read();
  await unseen.process.stop();
  const head = { scenario: 'counts-lone', group: 'counts', title: 'alone' };
  return {
    ...(timeless(figureOf(head, measured)) as Figure),
    ...batch,
    ledgerBytesPerCharge: (ledgerAfter! - ledgerBefore!) / LONE_COUNT,
    gatewayBytesPerCharge: (gatewayAfter! - gatewayBefore!) / LONE_COUNT,
    discrepancies: [warm, statements, measured].flatMap(({ discrepancies }) => discrepancies),
  };
}

/** The figure without what the clock says. */
function timeless(figure: Partial<Figure>): Partial<Figure> {
  const {
    acceptedPerS: _,
    drainedPerS,
    outcomesPerS,
    latencyMs,
    timeMs,
    cpuUsPerCharge,
    memoryMb,
    ...counted
  } = figure;
  return counted;
}

function perBatch({ traffic }: CountingProxy, before: CountingProxy['traffic']): Partial<Figure> {
  const batches = traffic.begins - before.begins;
  return {
    statementsPerBatch: (traffic.statements - before.statements) / batches,
    roundTripsPerBatch: (traffic.roundTrips - before.roundTrips) / batches,
  };
}

const fillOf = (scope: Scope, name: string, count: number) => {
  const prefix = scope.prefix(name);
  const { vendors, spread, amount } = scope.httpPlan(prefix);
  const { fleet } = scope.stage;
  const { url: natsUrl } = fleet.nats;
  const nkeySeed = fleet.secrets.nats.gateway;
  return { kind: 'fill' as const, prefix, vendors, spread, amount, natsUrl, nkeySeed, window: WINDOW, count };
};
