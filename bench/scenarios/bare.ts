import { checkBareBooks } from '../bare/books.ts';
import { EXTRA_NAMES, type Extra } from '../bare/extras.ts';
import { type BareServers, startBare, startBareServers } from '../bare/start.ts';
import type { Figure } from '../harness/figure.ts';
import { figureOf, measure } from '../harness/measure.ts';
import { runLoad } from '../load/run-load.ts';
import type { Scenario, Scope } from './scope.ts';

export const FEW = { connections: 64, vendors: 10 };
const MANY = { connections: 128, vendors: 10_000 };
const WARM_UP = { limit: 20_000, warmupMs: 0, measureMs: 6_000 };
const QUICK_WARM_UP = { ...WARM_UP, limit: 8_000 };
const UNOBSERVED = { measuring() {}, measured() {} };

interface BareLoad {
  readonly name: string;
  readonly title: string;
  readonly group?: string;
  readonly load: { readonly connections: number; readonly vendors: number };
  readonly extras: readonly Extra[];
  readonly measureMs?: number;
}

const LOADS: readonly (BareLoad & { quick?: boolean })[] = [
  { name: 'bare-64', title: 'bare shape, 64 in flight, 10 vendors', load: FEW, extras: [], quick: true },
  { name: 'bare-128', title: 'bare shape, 128 in flight, 10,000 vendors', load: MANY, extras: [] },
  { name: 'whole-64', title: 'with all extras, 64 in flight, 10 vendors', load: FEW, extras: EXTRA_NAMES },
  {
    name: 'whole-128',
    title: 'with all extras, 128 in flight, 10,000 vendors',
    load: MANY,
    extras: EXTRA_NAMES,
  },
];

/** Measures the hops alone, which do nothing else; the code is in bench/bare. */
export const bare: Scenario = {
  name: 'bare',
  about: 'Hono, an envelope a turn, JetStream, one statement a batch, one reply a batch, and nothing else',
  quick: true,
  async run(scope) {
    await scope.services.want({ ledgers: 0, gateways: 0 });
    await using servers = await startBareServers(scope.stage);
    const figures: Figure[] = [];
    for (const load of LOADS.filter(({ quick }) => quick || !scope.quick))
      figures.push(await runBare(scope, servers, load));
    return figures;
  },
};

/** One load on the bare shape with some extras; the books are its own, and so is their check. */
export async function runBare(scope: Scope, servers: BareServers, given: BareLoad): Promise<Figure> {
  const { name, title, group = 'bare', load, extras, measureMs } = given;
  await using shape = await startBare(scope.stage, servers, { vendors: load.vendors, extras });
  const target = { ports: [shape.port], path: '/sell/*', ...load };
  const warmUp = scope.quick ? QUICK_WARM_UP : WARM_UP;
  await runLoad(scope.httpPlan(scope.prefix('warmup'), { ...target, ...warmUp }), UNOBSERVED);
  const times = measureMs === undefined ? {} : { measureMs };
  const measured = await measure(scope.stage, scope.httpPlan(scope.prefix(name), { ...target, ...times }), {
    database: shape.database,
    pids: shape.pids,
    check: (told) => checkBareBooks(shape.database, told),
  });
  return figureOf({ scenario: name, group, title }, measured);
}
