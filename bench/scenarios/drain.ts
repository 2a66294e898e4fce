import { drain } from '../harness/drain.ts';
import type { Figure } from '../harness/figure.ts';
import type { Scenario, Scope } from './scope.ts';

const FILL_WINDOW = 2_000;
const COUNT = 200_000;
const QUICK_COUNT = 40_000;

export async function runDrain(
  scope: Scope,
  head: Pick<Figure, 'scenario' | 'group' | 'title'>,
  { ledgers = 1, count = COUNT }: { ledgers?: number; count?: number } = {},
): Promise<Figure> {
  const { stage, services, quick } = scope;
  await services.want({ ledgers: 0, gateways: 0 });
  const prefix = scope.prefix(head.scenario);
  const { vendors, spread, amount } = scope.httpPlan(prefix);
  const figure = await drain(stage, {
    plan: {
      kind: 'fill',
      prefix,
      vendors,
      spread,
      amount,
      natsUrl: stage.fleet.nats.url,
      nkeySeed: stage.fleet.secrets.nats.gateway,
      window: FILL_WINDOW,
      count: quick ? QUICK_COUNT : count,
    },
    start: () => services.want({ ledgers, gateways: 0 }),
  });
  return { notes: [], discrepancies: [], ...figure, ...head };
}

const withLedgers = (ledgers: number): Scenario => {
  const name = ledgers === 1 ? 'drain' : `drain-${ledgers}`;
  const title = `drain of a full log, ${ledgers} ledger${ledgers === 1 ? '' : 's'}`;
  return {
    name,
    about: title,
    quick: ledgers === 1,
    run: async (scope) => [await runDrain(scope, { scenario: name, group: 'drain', title }, { ledgers })],
  };
};

/** The log was filled while no ledger ran: how fast is it worked off, events included? */
export const drains = [1, 2, 4].map(withLedgers);
