import { setTimeout as sleep } from 'node:timers/promises';
import type { Drill, DrillOptions, DrillResult } from './drill.ts';
import { logStore } from './log.ts';
import { openMarket } from './market.ts';
import { receiveWebhooks } from './webhook-receiver.ts';

/** The webhooks' position stands beyond the end that the events come back with. */
export const eventsLost: Drill = {
  name: 'events-lost',
  what: 'NATS killed under load; of LEDGER_EVENTS alone it comes back with less, the command log and all positions are whole',
  // tests/nats/lost-events.test.ts and tests/ledger/events-announced-again.test.ts are small ones.
  commandLineOnly: true,
  run: loseEvents,
};

async function loseEvents(options: DrillOptions): Promise<DrillResult> {
  const { progress, sellMs } = options;
  await using market = await openMarket(options, { localFiles: ['nats'] });
  const { fleet } = market;
  await using webhooks = await receiveWebhooks(market);
  const store = logStore(fleet);
  return await market.sellThrough(
    async () => {
      await store.copy();
      await sleep(sellMs);
      await fleet.nats.kill('SIGKILL');
      await fleet.nats.stop();
      store.putBackMessages('LEDGER_EVENTS');
      await fleet.nats.restart();
      progress(`NATS killed and back with the events of ${sellMs} ms before`);
    },
    { alsoCheck: async (findings) => progress(await webhooks.complete(findings)) },
  );
}
