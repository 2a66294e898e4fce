import type { HttpPlan } from '../load/plan.ts';
import { runLoad } from '../load/run-load.ts';
import type { Scenario, Scope, StagePlan } from '../scenarios/scope.ts';
import type { Figure } from './figure.ts';
import { Services } from './services.ts';
import { openStage } from './stage.ts';

interface RunOptions {
  readonly quick: boolean;
  readonly natsBinary: string | undefined;
  readonly progress: (line: string) => void;
}

const TIMES = {
  quick: { warmupMs: 500, measureMs: 4_000, warmUpLeast: 10_000, warmUpHot: 5_000, warmUpAtMostMs: 6_000 },
  full: {
    warmupMs: 1_000,
    measureMs: 10_000,
    warmUpLeast: 30_000,
    warmUpHot: 15_000,
    warmUpAtMostMs: 40_000,
  },
};
const AMOUNT = '1.50';
const IN_FLIGHT = 128;

/** Opens a stage and runs its scenarios one after the other. */
export async function runStage(
  plan: StagePlan,
  scenarios: readonly Scenario[],
  options: RunOptions,
  report: (figures: readonly Figure[]) => void,
): Promise<{ postgres: string; nats: string; redis: string }> {
  const { quick, progress } = options;
  progress(`stage ${plan.name}: starting servers`);
  await using stage = await openStage({
    shop: plan.shop,
    progress,
    natsLimits: plan.natsLimits ?? {},
    natsBinary: plan.otherNats ? options.natsBinary : undefined,
  });
  const { warmupMs, measureMs, warmUpLeast, warmUpHot, warmUpAtMostMs } = quick ? TIMES.quick : TIMES.full;
  let loads = 0;
  const prefix = (name: string) => `${name}_${loads++}`;
  const httpPlan = (name: string, varied: Partial<HttpPlan> = {}): HttpPlan => ({
    kind: 'http',
    ports: services.ports,
    connections: IN_FLIGHT,
    rate: null,
    bulk: null,
    vendors: plan.shop.vendors,
    spread: 'uniform',
    amount: AMOUNT,
    prefix: name,
    warmupMs,
    measureMs,
    ...varied,
  });
  const warmUp: Scope['warmUp'] = async (ports, spread = 'each') => {
    const { vendors } = plan.shop;
    const limit = spread === 'hot' ? warmUpHot : Math.max(vendors, warmUpLeast);
    const times = { warmupMs: 0, measureMs: warmUpAtMostMs, limit };
    await runLoad(httpPlan(prefix('warmup'), { ports, spread, ...times }), { measuring() {}, measured() {} });
  };
  const services = new Services(stage, warmUp);
  const scope: Scope = { stage, services, quick, progress, prefix, httpPlan, warmUp };
  for (const scenario of scenarios) {
    progress(`${scenario.name}: ${scenario.about}`);
    report(await scenario.run(scope).catch((error: Error) => [failed(scenario, error)]));
  }
  const { postgres, nats, redis } = stage.fleet;
  return { postgres: postgres.version, nats: nats.version, redis: redis.version };
}

/** A scenario that broke has no figure, and the others go on. */
const failed = ({ name, about }: Scenario, error: Error): Figure => ({
  scenario: name,
  group: 'failed',
  title: about,
  notes: [],
  discrepancies: [`it broke: ${error.stack ?? error.message}`],
});
