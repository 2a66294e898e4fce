import { afterAll, beforeAll, expect, test } from 'vitest';
import { ok, type TestVendor, waitFor } from '../harness.ts';
import { Receiver } from '../webhooks/receiver.ts';
import { SETTINGS } from '../webhooks/shop.ts';
import { ConsoleClient } from './client.ts';
import { type ConsoleWithVendor, startConsoleWithVendor } from './system.ts';
import type { ConsoleUser } from './user.ts';

let system: ConsoleWithVendor;
let receiver: Receiver;
let vendor: TestVendor;
let admin: ConsoleUser;

beforeAll(async () => {
  receiver = await Receiver.start();
  system = await startConsoleWithVendor({
    services: ['ledger', 'credits', 'webhooks', 'gateway'],
    webhooks: { ...SETTINGS, WEBHOOK_RETRY_FOR_MS: '200' },
  });
  ({ vendor, admin } = system);
});
afterAll(async () => {
  await system?.[Symbol.asyncDispose]();
  await receiver?.[Symbol.asyncDispose]();
});

const post = async (path: string, body: unknown) =>
  ok(await system.base.request('POST', path, { token: vendor.token, body }));
const CHECKBOX = 'input[type=checkbox]';

test('a delivery that was given up is seen with its endpoint, and tried again behind a page that asks', async () => {
  await admin.open('/admin/webhooks/');
  expect(admin.text()).toContain('Nothing was given up.');
  receiver.answer = (_, response) => response.writeHead(500).end();
  await post('/api/webhooks/', { url: receiver.url('/hook'), event_types: ['charge-posted'] });
  const sold = await post('/api/charges/sell/', { phone_number: '+989123456789', amount: '700' });
  await waitFor(async () => {
    await admin.open(`/admin/webhooks/?vendor=${vendor.id}`);
    return admin.all(CHECKBOX).length === 1;
  });
  for (const part of [receiver.url('/hook'), 'answered 500', 'Northwind', 'given up', 'charge-posted'])
    expect(admin.text()).toContain(part);
  expect(admin.links('charge-posted').map((link) => link.getAttribute('href'))).toEqual([
    `/admin/transactions/${sold.transaction_id}/`,
  ]);

  receiver.answer = (_, response) => response.writeHead(204).end();
  admin.check(/^Select /);
  await admin.press('Try selected again');
  expect(admin.text('.says')).toContain('from its first attempt on: 1.');
  await admin.press('Try 1 again');
  expect(admin.text('p.notice')).toContain('tried again');
  await waitFor(async () => {
    await admin.open('/admin/webhooks/?state=delivered');
    return admin.text().includes('charge-posted');
  });
  await admin.open('/admin/trail/?act=webhook.replay');
  expect(admin.rows()[0]).toContain('done');
});

test('an auditor sees them and tries nothing again', async () => {
  const client = await ConsoleClient.signedIn(system.url, 'auditor');
  expect(await (await client.get('/admin/webhooks/?state=all')).text()).not.toContain('type="checkbox"');
  expect((await client.get('/admin/webhooks/replay/?id=1')).status).toBe(403);
});
