import type { Figure } from '../harness/figure.ts';
import { figureOf, type Measured, measure } from '../harness/measure.ts';
import type { HttpPlan } from '../load/plan.ts';
import { type NaiveOptions, startNaive } from '../naive/start.ts';
import type { Scenario, Scope } from './scope.ts';

const POOLS = [4, 8, 16, 32];
const QUICK_POOL = 8;
const TRIAL = { warmupMs: 1_500, measureMs: 1_500 };

interface Way extends Omit<NaiveOptions, 'pool'> {
  readonly name: string;
  readonly title: string;
  readonly spread: HttpPlan['spread'];
  readonly quick?: boolean;
}

const naive = { lock: false, pipeline: false };
const WAYS: readonly Way[] = [
  { ...naive, name: 'naive', title: 'naive: a transaction per request', spread: 'uniform', quick: true },
  { ...naive, name: 'naive-hot', title: 'naive, one hot vendor', spread: 'hot', quick: true },
  {
    ...naive,
    pipeline: true,
    name: 'naive-pipelined',
    title: 'naive, statements pipelined',
    spread: 'uniform',
  },
  {
    ...naive,
    pipeline: true,
    name: 'naive-pipelined-hot',
    title: 'naive, pipelined, one hot vendor',
    spread: 'hot',
  },
  { ...naive, lock: true, name: 'locked', title: 'naive with a Redis lock per vendor', spread: 'uniform' },
  { ...naive, lock: true, name: 'locked-hot', title: 'the same, one hot vendor', spread: 'hot' },
];

/** The service that one would write first, judged by the same generator; its code is in bench/naive. */
export const compared: Scenario = {
  name: 'naive',
  about: 'Hono and pg with one transaction per request; the same with a Redis lock per vendor',
  quick: true,
  async run(scope) {
    await scope.services.want({ ledgers: 0, gateways: 0 });
    const figures: Figure[] = [];
    for (const way of WAYS.filter((one) => one.quick || !scope.quick)) {
      const pool = scope.quick ? QUICK_POOL : await bestPool(scope, way);
      const { measured } = await runNaive(scope, way, pool);
      const figure = figureOf({ scenario: way.name, group: 'compare', title: way.title }, measured);
      figures.push({ ...figure, notes: [...figure.notes, `${pool} connections`] });
      scope.progress(`${way.name}: ${Math.round(figure.outcomesPerS ?? 0)}/s with ${pool} connections`);
    }
    return figures;
  },
};

/** The number of connections with which this way is fastest here. */
async function bestPool(scope: Scope, way: Way): Promise<number> {
  const rates: { pool: number; rate: number }[] = [];
  for (const pool of POOLS) {
    const { measured } = await runNaive(scope, way, pool, true);
    rates.push({ pool, rate: figureOf({ scenario: '', group: '', title: '' }, measured).outcomesPerS ?? 0 });
  }
  return rates.toSorted((a, b) => b.rate - a.rate)[0]!.pool;
}

async function runNaive(
  scope: Scope,
  way: Way,
  pool: number,
  trial = false,
): Promise<{ measured: Measured }> {
  const { stage } = scope;
  const database = await stage.cloneShop('naive');
  await using service = await startNaive(stage, database, { ...way, pool });
  if (!trial) await scope.warmUp([service.port], way.spread === 'hot' ? 'hot' : 'each');
  const plan = scope.httpPlan(scope.prefix(way.name), {
    ports: [service.port],
    spread: way.spread,
    ...(trial ? TRIAL : {}),
  });
  return { measured: await measure(stage, plan, { database, pids: { service: [service.pid] } }) };
}
