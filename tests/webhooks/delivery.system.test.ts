import { Webhook } from 'standardwebhooks';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ok, waitFor } from '../harness.ts';
import type { Received } from './receiver.ts';
import { type Shop, startShop } from './shop.ts';

let shop: Shop;
beforeAll(async () => {
  shop = await startShop();
});
afterAll(() => shop?.[Symbol.asyncDispose]());

const ids = (received: readonly Received[]) => received.map(({ headers }) => headers['webhook-id']);
const verify = (secret: string, { headers, body }: Received) =>
  new Webhook(secret).verify(body, headers as Record<string, string>);

test('a sale is told, signed so that the reference library takes it', async () => {
  const vendor = await shop.vendor();
  const hook = await shop.hook(vendor, shop.receiver.url('/signed'), ['charge-posted']);
  const [id] = await shop.sell(vendor, 1);
  await waitFor(() => shop.receiver.at('/signed').length === 1);
  const [received] = shop.receiver.at('/signed');
  expect(verify(hook.secret, received!)).toMatchObject({
    type: 'charge-posted',
    timestamp: expect.stringMatching(/^\d{4}-.*Z$/),
    data: {
      transaction_id: id,
      vendor_id: vendor.id,
      amount: '1.00',
      status: 'posted',
      phone_number: '+989123456789',
    },
  });
  expect(received!.headers).toMatchObject({ 'webhook-id': id, 'content-type': 'application/json' });
  expect(() => verify(hook.secret, { ...received!, body: `${received!.body} ` })).toThrow(
    'No matching signature',
  );
  await shop.settled(hook, 1);
  const [delivery] = await shop.deliveries(hook);
  expect(delivery).toMatchObject({ event_id: id, state: 'delivered', attempts: 1, last_status: 204 });
});

test('only the types that were asked for, only the own events, and from its making on', async () => {
  const [vendor, other] = [await shop.vendor(), await shop.vendor()];
  await shop.sell(vendor, 2);
  const hook = await shop.hook(vendor, shop.receiver.url('/types'), ['charge-rejected', 'reversal-posted']);
  const [sold] = await shop.sell(vendor, 1);
  await shop.sell(other, 1);
  const body = { phone_number: '+989123456789', amount: 1_000_000, idempotency_key: 'too-much' };
  const refused = await shop.system.request('POST', '/api/charges/sell/', { token: vendor.token, body });
  expect(refused.status).toBe(402);
  ok(
    await shop.system.request('POST', `/api/admin/transactions/${sold}/reverse`, {
      body: { reason: 'a slip' },
    }),
  );
  await shop.settled(hook, 2);
  expect(shop.receiver.at('/types').map(({ json }) => json.type)).toEqual([
    'charge-rejected',
    'reversal-posted',
  ]);
});

test('many sales come in the order of the chain, one at a time, to each of several endpoints', async () => {
  const vendor = await shop.vendor();
  const hooks = [
    await shop.hook(vendor, shop.receiver.url('/one'), ['charge-posted']),
    await shop.hook(vendor, shop.receiver.url('/two'), ['charge-posted']),
  ];
  const sold = await shop.sell(vendor, 30);
  for (const hook of hooks) await shop.settled(hook, 30);
  for (const path of ['/one', '/two']) {
    expect(ids(shop.receiver.at(path))).toEqual(sold);
    expect(shop.receiver.mostAtOnce.get(path)).toBe(1);
  }
});

test('a failing endpoint gets the same event again, under the same id, before anything behind it', async () => {
  const vendor = await shop.vendor();
  const hook = await shop.hook(vendor, shop.receiver.url('/failing'), ['charge-posted']);
  let refusals = 0;
  shop.receiver.answer = ({ path }, response) => {
    const fails = path === '/failing' && ++refusals % 3 !== 0;
    response.writeHead(fails ? 500 : 200).end();
  };
  const sold = await shop.sell(vendor, 4);
  await shop.settled(hook, 4);
  expect(ids(shop.receiver.at('/failing'))).toEqual(sold.flatMap((id) => [id, id, id]));
  const bodies = new Set(shop.receiver.at('/failing').map(({ body }) => body));
  expect(bodies.size).toBe(4);
  for (const received of shop.receiver.at('/failing')) verify(hook.secret, received);
  expect((await shop.deliveries(hook)).map(({ attempts }) => attempts)).toEqual([3, 3, 3, 3]);
  expect(await shop.webhook(hook)).toMatchObject({ failures: 0, failing_since: null, last_error: null });
});

test('rotation: for a while both secrets sign, then only the new one', async () => {
  const vendor = await shop.vendor();
  const hook = await shop.hook(vendor, shop.receiver.url('/rotated'), ['charge-posted']);
  const path = `/api/admin/vendors/${vendor.id}/webhooks/${hook.id}/secret/`;
  const rotate = async (overlap_s: number) =>
    ok(await shop.system.request('POST', path, { body: { overlap_s } })).secret as string;
  const second = await rotate(3_600);
  expect((await shop.webhook(hook)).old_secret_until).not.toBeNull();
  await shop.sell(vendor, 1);
  await shop.settled(hook, 1);
  const third = await rotate(0);
  expect((await shop.webhook(hook)).old_secret_until).toBeNull();
  await shop.sell(vendor, 1);
  await shop.settled(hook, 2);
  const [overlapping, after] = shop.receiver.at('/rotated');
  verify(hook.secret, overlapping!);
  verify(second, overlapping!);
  verify(third, after!);
  expect(() => verify(second, after!)).toThrow();
  expect(() => verify(hook.secret, after!)).toThrow();
});

test('an endpoint names the token that made it, as a sale names the one that sold', async () => {
  const vendor = await shop.vendor();
  const hook = await shop.hook(vendor, shop.receiver.url('/whose'));
  const { rows } = await shop.system.playground.sql(
    `SELECT e.created_by, t.actor FROM webhooks.endpoints e JOIN webhooks.audit_trail t ON t.endpoint_id = e.id
     WHERE e.id = $1`,
    [hook.id],
  );
  await shop.sell(vendor, 1);
  const listed = await shop.system.request('GET', '/api/transactions/?type=charge', { token: vendor.token });
  const { principal } = ok(listed).transactions[0];
  expect(principal).toMatch(/^token:[0-9]+$/);
  expect(rows).toEqual([{ created_by: principal, actor: principal }]);
});

test('secrets are shown once, and lie sealed in the database', async () => {
  const vendor = await shop.vendor();
  const hook = await shop.hook(vendor, shop.receiver.url('/sealed'));
  expect(hook.secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
  const lists = [
    await shop.system.request('GET', '/api/webhooks/', { token: vendor.token }),
    await shop.system.request('GET', `/api/admin/vendors/${vendor.id}/webhooks/`),
  ];
  for (const list of lists) expect(JSON.stringify(list.body)).not.toContain(hook.secret);
  const bytes = Buffer.from(hook.secret.slice('whsec_'.length), 'base64');
  const { rows } = await shop.system.playground.sql(
    'SELECT sealed FROM webhooks.secrets WHERE endpoint_id = $1',
    [hook.id],
  );
  expect(rows).toHaveLength(1);
  expect(rows[0].sealed.includes(bytes) || rows[0].sealed.includes(hook.secret)).toBe(false);
});

test('a test event goes out, and what became of it is seen', async () => {
  const vendor = await shop.vendor();
  const hook = await shop.hook(vendor, shop.receiver.url('/test'));
  const queued = ok(
    await shop.system.request('POST', `/api/admin/vendors/${vendor.id}/webhooks/${hook.id}/test/`),
  );
  await waitFor(() => shop.receiver.at('/test').length === 1);
  const [received] = shop.receiver.at('/test');
  expect(verify(hook.secret, received!)).toMatchObject({ type: 'test', data: { webhook_id: hook.id } });
  expect(received!.headers['webhook-id']).toBe(queued.event_id);
  await shop.settled(hook, 1);
  expect(await shop.deliveries(hook)).toMatchObject([{ type: 'test', state: 'delivered' }]);
});

test('a deleted endpoint gets nothing more and is nowhere to be seen; a disabled one waits', async () => {
  const vendor = await shop.vendor();
  const gone = await shop.hook(vendor, shop.receiver.url('/gone'), ['charge-posted']);
  const off = await shop.hook(vendor, shop.receiver.url('/off'), ['charge-posted']);
  const own = await shop.hook(vendor, shop.receiver.url('/on'), ['charge-posted']);
  ok(await shop.system.request('DELETE', `/api/webhooks/${gone.id}/`, { token: vendor.token }));
  const change = (body: unknown) =>
    shop.system.request('PATCH', `/api/admin/vendors/${vendor.id}/webhooks/${off.id}/`, { body });
  expect(ok(await change({ enabled: false }))).toMatchObject({ enabled: false, disabled_reason: 'by-hand' });
  await shop.sell(vendor, 1);
  await waitFor(() => shop.receiver.at('/on').length === 1);
  ok(await change({ enabled: true }));
  const [after] = await shop.sell(vendor, 1);
  await shop.settled(own, 2);
  await shop.settled(off, 1);
  expect(ids(shop.receiver.at('/off'))).toEqual([after]);
  expect(shop.receiver.at('/gone')).toEqual([]);
  expect(
    (await shop.system.request('DELETE', `/api/webhooks/${gone.id}/`, { token: vendor.token })).status,
  ).toBe(404);
});

test('a changed address holds from the next delivery on, in the middle of a turn; a disabled endpoint gets no more', async () => {
  const vendor = await shop.vendor();
  const hook = await shop.hook(vendor, shop.receiver.url('/before'), ['charge-posted']);
  const target = `/api/admin/vendors/${vendor.id}/webhooks/${hook.id}/`;
  const change = async (body: unknown) => ok(await shop.system.request('PATCH', target, { body }));
  const held = Promise.withResolvers<void>();
  shop.receiver.answer = async ({ path }, response) => {
    if (path === '/before') await held.promise;
    if (path === '/after' && shop.receiver.at('/after').length === 2) await change({ enabled: false });
    response.writeHead(204).end();
  };
  const sold = await shop.sell(vendor, 5);
  await waitFor(async () => (await shop.webhook(hook)).pending === 5);
  await change({ url: shop.receiver.url('/after') });
  held.resolve();
  await waitFor(async () => (await shop.webhook(hook)).pending === 2);
  await change({ enabled: true });
  await shop.settled(hook, 5);
  expect(ids(shop.receiver.at('/before'))).toEqual(sold.slice(0, 1));
  expect(ids(shop.receiver.at('/after'))).toEqual(sold.slice(1));
});

test('a vendor has so many endpoints and no more, also when they are made at once', async () => {
  const vendor = await shop.vendor();
  const body = { url: shop.receiver.url('/many'), event_types: ['charge-posted'] };
  const answers = await Promise.all(
    Array.from({ length: 8 }, () =>
      shop.system.request('POST', '/api/webhooks/', { token: vendor.token, body }),
    ),
  );
  expect(answers.map(({ status }) => status).toSorted()).toEqual([201, 201, 201, 201, 201, 409, 409, 409]);
});
