import { WEBHOOK_EVENT_TYPES } from '@b2b-charge/contracts';
import type { Findings } from '../chaos/check/findings.ts';
import { ask } from '../chaos/load/http.ts';
import { Receiver } from '../webhooks/receiver.ts';
import { SETTINGS } from '../webhooks/shop.ts';
import type { Market } from './market.ts';
import { until } from './until.ts';

/** What vendors' servers are told of, so that nothing of it is missing. */
export interface WebhookReceiver extends AsyncDisposable {
  /** Waits until every event was delivered; tells in words what was delivered how often. */
  complete(findings: Findings): Promise<string>;
}

/** Every shop has a webhook for all events from now on. */
export async function receiveWebhooks({ fleet, load, db }: Market): Promise<WebhookReceiver> {
  await using stack = new AsyncDisposableStack();
  const receiver = stack.use(await Receiver.start());
  await fleet.add('webhooks', SETTINGS);
  for (const { vendorId, token } of load.shops) {
    const answer = await ask(fleet.of('gateway')[0]!.url, {
      method: 'POST',
      path: '/api/webhooks/',
      token,
      timeoutMs: 10_000,
      body: { url: receiver.url(`/${vendorId}`), event_types: WEBHOOK_EVENT_TYPES },
    });
    if (answer?.status !== 201) throw new Error(`no webhook was made: ${JSON.stringify(answer)}`);
  }
  const disposal = stack.move();
  return {
    async complete(findings) {
      const { rows } = await db.query<{ id: string }>(
        `SELECT t.id FROM ledger.transactions t JOIN webhooks.endpoints e USING (vendor_id)
         WHERE t.created_at >= e.created_at
           AND t.type || '-' || t.status = ANY (e.event_types)`,
      );
      const times = () => Map.groupBy(receiver.received, ({ headers }) => headers['webhook-id']);
      await until('every transaction has come to its webhook', async () => {
        const come = times();
        return rows.every(({ id }) => come.has(id));
      }).catch(() => {});
      const come = times();
      for (const { id } of rows)
        if (!come.has(id)) findings.add('events', `the webhook of transaction ${id} never came`);
      const again = [...come.values()].filter(({ length }) => length > 1).length;
      return `${rows.length} events came to webhooks, ${again} of them more than once`;
    },
    [Symbol.asyncDispose]: () => disposal.disposeAsync(),
  };
}
