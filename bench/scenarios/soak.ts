import { figureOf, measure } from '../harness/measure.ts';
import type { Scenario } from './scope.ts';

const TEN_MINUTES_MS = 600_000;

/** Does memory stay flat? */
export const soak: Scenario = {
  name: 'soak',
  about: '128 in flight for ten minutes',
  extra: 'named',
  async run({ services, stage, httpPlan, prefix }) {
    await services.want({ ledgers: 1, gateways: 1 });
    const measured = await measure(stage, httpPlan(prefix('soak'), { measureMs: TEN_MINUTES_MS }));
    const trends = Object.entries(measured.spent.memoryTrend).map(
      ([part, { first, last }]) => `${part} ${megabytes(first)} MB at first, ${megabytes(last)} MB at last`,
    );
    const figure = figureOf({ scenario: 'soak', group: 'closed', title: soak.about }, measured);
    return [{ ...figure, notes: [...figure.notes, ...trends] }];
  },
};

const megabytes = (bytes: number) => Math.round(bytes / 1024 ** 2);
