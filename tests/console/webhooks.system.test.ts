import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ok, type TestVendor, waitFor } from '../harness.ts';
import { Receiver } from '../webhooks/receiver.ts';
import { SETTINGS } from '../webhooks/shop.ts';
import { ConsoleClient } from './client.ts';
import { type ConsoleSystem, signIn, startBrowser, startConsole, type TestBrowser } from './system.ts';

let system: ConsoleSystem;
let browser: TestBrowser;
let receiver: Receiver;
let vendor: TestVendor;
let page: Page;

beforeAll(async () => {
  receiver = await Receiver.start();
  system = await startConsole({
    services: ['ledger', 'credits', 'webhooks', 'gateway'],
    webhooks: { ...SETTINGS, WEBHOOK_RETRY_FOR_MS: '200' },
  });
  browser = await startBrowser(system.url);
  vendor = await system.base.createVendor({ name: 'Northwind', balance: '500000' });
  page = await browser.page();
  await signIn(page, 'admin');
}, 300_000);
afterAll(async () => {
  await browser?.[Symbol.asyncDispose]();
  await system?.[Symbol.asyncDispose]();
  await receiver?.[Symbol.asyncDispose]();
});

const main = () => page.locator('main').textContent();
const post = async (path: string, body: unknown) =>
  ok(await system.base.request('POST', path, { token: vendor.token, body }));

test('a delivery that was given up is seen with its endpoint, and tried again behind a page that asks', async () => {
  await page.goto('/admin/webhooks/');
  expect(await main()).toContain('Nothing was given up.');
  receiver.answer = (_, response) => response.writeHead(500).end();
  await post('/api/webhooks/', { url: receiver.url('/hook'), event_types: ['charge-posted'] });
  const sold = await post('/api/charges/sell/', { phone_number: '+989123456789', amount: '700' });
  await waitFor(async () => {
    await page.goto(`/admin/webhooks/?vendor=${vendor.id}`);
    return (await page.getByRole('checkbox').count()) === 1;
  });
  for (const part of [receiver.url('/hook'), 'answered 500', 'Northwind', 'given up', 'charge-posted'])
    expect(await main()).toContain(part);
  expect(await page.getByRole('link', { name: 'charge-posted' }).getAttribute('href')).toBe(
    `/admin/transactions/${sold.transaction_id}/`,
  );

  receiver.answer = (_, response) => response.writeHead(204).end();
  await page.getByRole('checkbox').check();
  await page.getByRole('button', { name: 'Try selected again' }).click();
  expect(await page.locator('.says').textContent()).toContain('from its first attempt on: 1.');
  await page.getByRole('button', { name: 'Try 1 again' }).click();
  expect(await page.locator('p.notice').textContent()).toContain('tried again');
  await waitFor(async () => {
    await page.goto('/admin/webhooks/?state=delivered');
    return (await main())!.includes('charge-posted');
  });
  await page.goto('/admin/trail/?act=webhook.replay');
  expect(await page.getByRole('row').nth(1).textContent()).toContain('done');
});

test('an auditor sees them and tries nothing again', async () => {
  const client = await ConsoleClient.signedIn(system.url, 'auditor');
  expect(await (await client.get('/admin/webhooks/?state=all')).text()).not.toContain('type="checkbox"');
  expect((await client.get('/admin/webhooks/replay/?id=1')).status).toBe(403);
});
