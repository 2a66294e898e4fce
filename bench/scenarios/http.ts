import type { Figure } from '../harness/figure.ts';
import { figureOf, measure } from '../harness/measure.ts';
import type { HttpPlan } from '../load/plan.ts';
import type { Scenario, Scope } from './scope.ts';

interface HttpScenario {
  readonly name: string;
  readonly group: string;
  readonly about: string;
  readonly quick?: boolean;
  readonly varied: Partial<HttpPlan>;
  readonly gateways?: number;
  readonly ledgers?: number;
}

/** A scenario of one load over HTTP. */
export const httpScenario = (given: HttpScenario): Scenario => ({
  name: given.name,
  about: given.about,
  quick: given.quick ?? false,
  run: async (scope) => [await runHttpScenario(scope, given)],
});

export async function runHttpScenario(scope: Scope, given: HttpScenario): Promise<Figure> {
  const { name, group, about, varied, gateways = 1, ledgers = 1 } = given;
  await scope.services.want({ ledgers, gateways });
  const plan = scope.httpPlan(scope.prefix(name), varied);
  return figureOf({ scenario: name, group, title: about }, await measure(scope.stage, plan));
}
