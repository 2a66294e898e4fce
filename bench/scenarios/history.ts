import { audit } from './audit.ts';
import { runDrain } from './drain.ts';
import { runHttpScenario } from './http.ts';
import type { Scenario, StagePlan } from './scope.ts';

interface Pair {
  readonly name: string;
  readonly group: string;
  readonly title: string;
  readonly extra?: Scenario['extra'];
  /** Commands in the log that is drained. */
  readonly count?: number;
}

const COUNT = 100_000;

/** The same two loads, whatever the shop: over HTTP, and from a full log. */
export const pair = ({ name, group, title, extra = false, count = COUNT }: Pair): Scenario => ({
  name,
  about: `${title}: 128 in flight, and drain`,
  extra,
  run: async (scope) => [
    await runDrain(scope, { scenario: `${name}-drain`, group, title: `${title}, drain` }, { count }),
    await runHttpScenario(scope, {
      name: `${name}-http`,
      group,
      about: `${title}, 128 in flight`,
      varied: {},
    }),
  ],
});

/** The same vendors with shorter and longer chains. */
const HISTORY_VENDORS = 1_000;

const history = (
  name: string,
  linksEach: number,
  title: string,
  { extra = false, first = [] }: { extra?: Scenario['extra']; first?: readonly Scenario[] } = {},
): StagePlan => ({
  name,
  shop: { vendors: HISTORY_VENDORS, linksEach },
  scenarios: [...first, pair({ name, group: 'history', title, extra })],
});

const crowd = (name: string, vendors: number): StagePlan => ({
  name,
  shop: { vendors, linksEach: 2 },
  scenarios: [pair({ name, group: 'vendors', title: `${vendors.toLocaleString('en')} vendors` })],
});

/** Does the speed fall as the books grow, or as there are more vendors? */
export const historyStages: readonly StagePlan[] = [
  history('history-1e4', 10, '10⁴ transactions before'),
  history('history-1e6', 1_000, '10⁶ transactions before', { first: [audit] }),
  history('history-1e7', 10_000, '10⁷ transactions before', { extra: 'huge' }),
  crowd('vendors-1000', 1_000),
  crowd('vendors-100000', 100_000),
];
