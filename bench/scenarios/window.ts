import { figureOf, measure } from '../harness/measure.ts';
import type { Scenario } from './scope.ts';

const WINDOW = 512;

/** An internal system over the client package: no gateway in between. */
export const natsWindow: Scenario = {
  name: 'window',
  about: `NATS client, ${WINDOW} commands in flight`,
  async run(scope) {
    const { stage, services } = scope;
    await services.want({ ledgers: 1, gateways: 1 });
    const prefix = scope.prefix('window');
    const { vendors, spread, amount, warmupMs, measureMs } = scope.httpPlan(prefix);
    const { url } = stage.fleet.nats;
    const measured = await measure(stage, {
      kind: 'window',
      prefix,
      vendors,
      spread,
      amount,
      warmupMs,
      measureMs,
      natsUrl: url,
      nkeySeed: stage.fleet.secrets.nats.gateway,
      window: WINDOW,
    });
    return [figureOf({ scenario: 'window', group: 'closed', title: natsWindow.about }, measured)];
  },
};
