import type { Figure } from '../harness/figure.ts';
import { runHttpScenario } from './http.ts';
import type { Scenario } from './scope.ts';

const RATES_PER_S = [500, 1_000, 2_000, 3_000, 4_000, 6_000, 8_000, 10_000, 12_000];
const QUICK_RATES_PER_S = [1_000];
/** Answered below this part of what was asked for: beyond saturation, where latency only tells how long one waited. */
const SATURATED = 0.95;
const CONNECTIONS = 1_024;

/** Sales come when they come: so many a second, whatever the answers do. */
export const openLoop: Scenario = {
  name: 'open',
  about: 'fixed rates, latency from the time at which a sale was to be sent',
  quick: true,
  async run(scope) {
    const figures: Figure[] = [];
    for (const rate of scope.quick ? QUICK_RATES_PER_S : RATES_PER_S) {
      const figure = await runHttpScenario(scope, {
        name: `open-${rate}`,
        group: 'open',
        about: `${rate.toLocaleString('en')} sales a second`,
        varied: { rate, connections: CONNECTIONS },
      });
      figures.push({ ...figure, offeredPerS: rate });
      if ((figure.outcomesPerS ?? 0) < rate * SATURATED) break;
    }
    return figures;
  },
};
