import { checkBooks } from '../harness/books.ts';
import { clockOf, costs } from '../harness/measure.ts';
import { Meter } from '../harness/meter.ts';
import { noAnswers } from '../load/plan.ts';
import { findWrk, runWrk } from '../load/run-wrk.ts';
import { FEW } from './bare.ts';
import type { Scenario } from './scope.ts';

/** The same load by another generator: does ours measure itself? */
export const wrk: Scenario = {
  name: 'wrk',
  about: '64 in flight, 10 vendors, by wrk',
  async run({ stage, services, prefix, httpPlan }) {
    const head = { scenario: 'wrk', group: 'closed', title: wrk.about };
    const program = findWrk();
    if (program === undefined)
      return [{ ...head, notes: ['not measured: there is no wrk here'], discrepancies: [] }];
    await services.want({ ledgers: 1, gateways: 1 });
    const name = prefix('wrk');
    const since = await clockOf(stage.database);
    await using meter = await Meter.open(stage);
    const url = `http://127.0.0.1:${services.ports[0]}`;
    const seconds = Math.ceil(httpPlan(name).measureMs / 1_000);
    const load = { url, ...FEW, seconds, prefix: name };
    const result = await runWrk(program, load, (pid) => meter.begin(pid));
    const spent = await meter.end();
    const { requests, refused, broken, mean, p50, p95, p99, max } = result;
    const sold = requests - refused;
    // The books hold the sales in flight at the end, whose answers wrk does not count.
    const total = { ...noAnswers(), sold, refused, failed: broken + FEW.connections };
    const told = { prefix: name, total, sent: requests, soldIndexes: null };
    return [
      {
        ...head,
        outcomesPerS: sold / result.seconds,
        latencyMs: { mean, p50, p95, p99, max },
        ...costs(spent, sold),
        notes: refused + broken > 0 ? [`${refused} refused, ${broken} broken`] : [],
        discrepancies: await checkBooks(stage.database, [told], since),
      },
    ];
  },
};
