import { startCountingProxy } from '../harness/counting-proxy.ts';
import { drain } from '../harness/drain.ts';
import type { Figure } from '../harness/figure.ts';
import type { Scenario, Scope } from './scope.ts';

/** Fixed, whatever the machine: these figures are compared with bench/budget.json. */
const WARM_UP = 10_240;
const COUNT = 40_960;
const WINDOW = 2_000;

/**
 * What a charge costs in things that can be counted: they are the same on every machine, so a change for the worse
 * shows even where times mean nothing. The ledger's connection goes through a proxy, so no time of this is a figure.
 */
export const counts: Scenario = {
  name: 'counts',
  about: 'statements, round trips and bytes per charge, in full batches',
  quick: true,
  async run(scope) {
    const { stage, services, progress } = scope;
    await services.want({ ledgers: 0, gateways: 0 });
    const own = new URL(stage.fleet.environment('ledger').DATABASE_URL!);
    await using proxy = await startCountingProxy(new URL(own), 'ledger-writer');
    own.port = String(proxy.port);
    // A long lease keeps its renewals out of what is counted.
    const ledger = await stage.fleet.add('ledger', { DATABASE_URL: own.href, LEASE_MS: '60000' });
    await ledger.process.stop();
    const start = () => ledger.process.restart();
    // After a checkpoint every page is written to the WAL whole, once: a first drain takes that away from the second.
    await stage.database.query('CHECKPOINT');
    await drain(stage, { plan: planOf(scope, 'counts-first', WARM_UP), start });
    await ledger.process.stop();
    const before = { ...proxy.traffic };
    const figure = await drain(stage, { plan: planOf(scope, 'counts', COUNT), start });
    const batches = proxy.traffic.begins - before.begins;
    await ledger.process.stop();
    progress(`counts: ${batches} batches for ${COUNT} charges`);
    const perBatch = (name: 'statements' | 'roundTrips') => (proxy.traffic[name] - before[name]) / batches;
    const { tableBytesPerCharge, indexBytesPerCharge, walBytesPerCharge, logBytesPerCharge } = figure;
    const result = {
      scenario: 'counts',
      group: 'counts',
      title: counts.about,
      statementsPerBatch: perBatch('statements'),
      roundTripsPerBatch: perBatch('roundTrips'),
      chargesPerBatch: COUNT / batches,
      tableBytesPerCharge,
      indexBytesPerCharge,
      walBytesPerCharge,
      logBytesPerCharge,
      eventBytesPerCharge: figure.eventBytesPerCharge,
      notes: [],
      discrepancies: figure.discrepancies ?? [],
    };
    return [result as Figure];
  },
};

const planOf = (scope: Scope, name: string, count: number) => {
  const prefix = scope.prefix(name);
  const { vendors, spread, amount } = scope.httpPlan(prefix);
  const { fleet } = scope.stage;
  const { url: natsUrl } = fleet.nats;
  const nkeySeed = fleet.secrets.nats.gateway;
  return { kind: 'fill' as const, prefix, vendors, spread, amount, natsUrl, nkeySeed, window: WINDOW, count };
};
