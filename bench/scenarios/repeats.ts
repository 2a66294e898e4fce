import { figureOf, measure } from '../harness/measure.ts';
import type { Scenario } from './scope.ts';

const KEYS = 10_000;

/** Every key was sold before: the first outcome, again and again. */
export const repeats: Scenario = {
  name: 'repeats',
  about: '128 in flight, repeats only',
  async run(scope) {
    await scope.services.want({ ledgers: 1, gateways: 1 });
    const prefix = scope.prefix('repeats');
    const first = await measure(
      scope.stage,
      scope.httpPlan(prefix, { limit: KEYS, warmupMs: 0, measureMs: 60_000 }),
    );
    const again = await measure(scope.stage, scope.httpPlan(prefix, { repeatEvery: KEYS }));
    const { sold, rejected } = again.result.total;
    const head = { scenario: 'repeats', group: 'closed', title: repeats.about };
    const figure = figureOf(head, again);
    // A replay writes nothing: the second load must have sold nothing, and the books of the first must be whole.
    const wrong = sold + rejected > 0 ? [`${sold} repeats were sold again, ${rejected} rejected`] : [];
    return [{ ...figure, discrepancies: [...first.discrepancies, ...again.discrepancies, ...wrong] }];
  },
};
