import { createKysely, createPool } from '@b2b-charge/runtime';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { clean } from '../../services/webhooks/src/clean/janitor.ts';
import { ok, waitFor } from '../harness.ts';
import { type Hook, type Shop, startShop } from './shop.ts';

let shop: Shop;
beforeAll(async () => {
  shop = await startShop({ WEBHOOK_DISABLE_AFTER_MS: '400', WEBHOOK_RETRY_MAX_MS: '60000' });
});
afterAll(() => shop?.[Symbol.asyncDispose]());

const change = ({ id, vendor }: Hook, body: unknown) =>
  shop.system.request('PATCH', `/api/admin/vendors/${vendor.id}/webhooks/${id}/`, { body });
const idsAt = (path: string) => shop.receiver.at(path).map(({ headers }) => headers['webhook-id']);

test('one that fails for long is disabled and shows it; enabled again, it goes on with what waited, in order', async () => {
  const vendor = await shop.vendor();
  const hook = await shop.hook(vendor, shop.receiver.url('/long'), ['charge-posted']);
  let broken = true;
  shop.receiver.answer = (_received, response) => response.writeHead(broken ? 500 : 204).end();
  const sold = await shop.sell(vendor, 3);
  await waitFor(async () => !(await shop.webhook(hook)).enabled, 15_000);
  expect(await shop.webhook(hook)).toMatchObject({
    disabled_reason: 'failing',
    pending: 3,
    last_error: 'answered 500',
    failing_since: expect.any(String),
  });
  broken = false;
  shop.receiver.received.length = 0;
  ok(await change(hook, { enabled: true }));
  await shop.settled(hook, 3);
  expect(idsAt('/long')).toEqual(sold);
});

test('a Retry-After is waited for, and what comes behind waits with it', async () => {
  const vendor = await shop.vendor();
  const hook = await shop.hook(vendor, shop.receiver.url('/later'), ['charge-posted']);
  shop.receiver.answer = ({ path }, response) => {
    const first = shop.receiver.at(path).length === 1;
    response.writeHead(first ? 429 : 204, first ? { 'retry-after': '1' } : {}).end();
  };
  const sold = await shop.sell(vendor, 2);
  await shop.settled(hook, 2);
  expect(idsAt('/later')).toEqual([sold[0], ...sold]);
  const [refused, again] = shop.receiver.at('/later');
  expect(again!.atMs - refused!.atMs).toBeGreaterThanOrEqual(1_000);
});

test('the cleaning takes what is old and what was deleted, and nothing that waits', async () => {
  const { playground } = shop.system;
  const pool = createPool({
    url: playground.environment('webhooks').DATABASE_URL!,
    applicationName: 'janitor',
    max: 2,
    statementTimeoutMs: 5_000,
  });
  const db = createKysely<unknown>(pool);
  shop.receiver.answer = (_received, response) => response.writeHead(204).end();
  const vendor = await shop.vendor();
  const [kept, deleted] = [
    await shop.hook(vendor, shop.receiver.url('/kept'), ['charge-posted']),
    await shop.hook(vendor, shop.receiver.url('/deleted'), ['charge-posted']),
  ];
  await shop.sell(vendor, 4);
  await shop.settled(kept, 4);
  await shop.settled(deleted, 4);
  ok(await change(kept, { enabled: false }));
  await playground.sql(
    `UPDATE webhooks.deliveries SET state = 'pending', finished_at = NULL WHERE id IN (
       SELECT id FROM webhooks.deliveries WHERE endpoint_id = $1 ORDER BY id LIMIT 1)`,
    [kept.id],
  );
  await playground.sql('UPDATE webhooks.endpoints SET pending = 1 WHERE id = $1', [kept.id]);
  await playground.sql(
    `UPDATE webhooks.deliveries SET finished_at = clock_timestamp() - interval '8 days' WHERE id IN (
       SELECT id FROM webhooks.deliveries WHERE endpoint_id = $1 ORDER BY id DESC LIMIT 2)`,
    [kept.id],
  );
  ok(await shop.system.request('DELETE', `/api/webhooks/${deleted.id}/`, { token: vendor.token }));
  await clean({ db, keepDeliveredS: 7 * 86_400, keepDeadS: 30 * 86_400 });
  expect((await shop.deliveries(kept)).map(({ state }) => state)).toEqual(['delivered', 'pending']);
  const left = await playground.sql('SELECT id FROM webhooks.endpoints WHERE id = $1', [deleted.id]);
  expect(left.rows).toEqual([]);

  // A disabled endpoint's delivery whose time is over is dead, and counted so.
  await playground.sql(
    'UPDATE webhooks.deliveries SET retry_until = clock_timestamp() WHERE endpoint_id = $1',
    [kept.id],
  );
  await clean({ db, keepDeliveredS: 7 * 86_400, keepDeadS: 30 * 86_400 });
  expect((await shop.deliveries(kept)).map(({ state }) => state)).toEqual(['delivered', 'dead']);
  expect(await shop.webhook(kept)).toMatchObject({ pending: 0 });
  await db.destroy();
});

test('the database holds the service to its own schema', async () => {
  const pool = createPool({
    url: shop.system.playground.environment('webhooks').DATABASE_URL!,
    applicationName: 'thief',
    max: 1,
    statementTimeoutMs: 5_000,
  });
  for (const statement of [
    'SELECT FROM ledger.vendors',
    'SELECT FROM gateway.tokens',
    'SELECT FROM credits.requests',
    'DELETE FROM webhooks.audit_trail',
    'UPDATE webhooks.audit_trail SET actor = actor',
    'DROP TABLE webhooks.deliveries',
  ]) {
    await expect(pool.query(statement)).rejects.toThrow(/permission denied|must be owner/);
  }
  await pool.end();
});
