import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ok, type TestVendor } from '../harness.ts';
import { signIn, startBrowser, type TestBrowser } from './browser.ts';
import { ConsoleClient } from './client.ts';
import { type ConsoleSystem, startConsole } from './system.ts';
import { ConsoleUser } from './user.ts';

let system: ConsoleSystem;
let browser: TestBrowser;
let vendor: TestVendor;
let other: TestVendor;
let page: Page;

beforeAll(async () => {
  system = await startConsole({ services: ['ledger', 'credits', 'gateway'] });
  browser = await startBrowser(system.url);
  vendor = await system.base.createVendor({ name: 'Northwind', balance: '500000' });
  other = await system.base.createVendor({ name: 'Other', balance: '500000' });
  page = await browser.page();
  await signIn(page, 'auditor');
}, 300_000);
afterAll(async () => {
  await browser?.[Symbol.asyncDispose]();
  await system?.[Symbol.asyncDispose]();
});

let sales = 0;
async function sell(amount: string, { token } = vendor): Promise<string> {
  const body = { phone_number: '+989123456789', amount };
  const headers = { 'idempotency-key': `sale-${sales++}` };
  return ok(await system.base.request('POST', '/api/charges/sell/', { token, body, headers })).transaction_id;
}
const live = () =>
  page
    .locator('#feed output')
    .filter({ hasText: /^live$/ })
    .waitFor();
const row = (amount: string) => page.getByRole('row').filter({ hasText: amount });

/** Reads server-sent events until one holds a text. */
async function readUntil(answer: Response, text: string): Promise<string> {
  const decoder = new TextDecoder();
  let read = '';
  const reader = answer.body!.getReader();
  while (!read.includes(text)) {
    const { done, value } = await reader.read();
    if (done) throw new Error(`it ended with ${read}`);
    read += decoder.decode(value, { stream: true });
  }
  await reader.cancel();
  return read;
}

test('a sale appears as it is made, its phone number masked', async () => {
  await page.goto('/admin/feed/');
  await live();
  await sell('11111');
  await row('11,111').waitFor();
  expect(await row('11,111').textContent()).toContain('+98912***89');
  expect(await page.locator('main').textContent()).not.toContain('+989123456789');
});

test('a pause keeps it still, and what came meanwhile comes when it goes on, once', async () => {
  await page.getByRole('button', { name: 'Pause' }).click();
  await sell('22222');
  await sell('33333');
  expect(await row('22,222').count()).toBe(0);
  await page.getByRole('button', { name: 'Go on' }).click();
  await row('33,333').waitFor();
  expect(await row('22,222').count()).toBe(1);
  expect(await page.locator('.note').textContent()).toBe('');
});

test('it shows one vendor, or one kind, if asked to', async () => {
  await page.goto(`/admin/feed/?vendor=${other.id}&type=charge`);
  await live();
  await sell('44444');
  await sell('55555', other);
  await row('55,555').waitFor();
  expect(await row('44,444').count()).toBe(0);
  expect(await row('500,000').count()).toBe(0);
});

test('a browser that comes back with the last id gets what it missed, from what is kept or from the books', async () => {
  const client = await ConsoleClient.signedIn(system.url, 'auditor');
  const events = (last: string) => client.get(`/admin/feed/events/?after=${last}`);
  const [first, , third] = [await sell('101'), await sell('102'), await sell('103')];
  const kept = await readUntil(await events(first), third);
  expect(kept.match(/^id: /gm)).toHaveLength(2);
  expect(kept).not.toContain('event: gap');
  // As on another gateway, which has heard none of it.
  const { rows } = await system.base.playground.sql(
    'SELECT id FROM ledger.transactions WHERE vendor_id = $1 ORDER BY seq DESC LIMIT 1 OFFSET 4',
    [vendor.id],
  );
  expect(await readUntil(await events(rows[0].id), third)).toContain(first);
  const unknown = '00000000-0000-8000-8000-040000000001';
  expect(await readUntil(await events(unknown), 'event: gap')).toContain('event: gap');
});

test('without a script the page itself is read again', async () => {
  const user = await ConsoleUser.signedIn(system.url, 'auditor');
  await user.open('/admin/feed/');
  const [refresh] = user.all('noscript meta[http-equiv=refresh]');
  expect(Number(refresh!.getAttribute('content'))).toBeLessThanOrEqual(10);
  await sell('66666');
  await user.open(user.address);
  expect(user.rows()[0]).toContain('66,666');
});

test('several look at once', async () => {
  const client = await ConsoleClient.signedIn(system.url, 'auditor');
  const answers = await Promise.all(Array.from({ length: 3 }, () => client.get('/admin/feed/events/')));
  const sold = await sell('77777');
  for (const answer of answers) expect(await readUntil(answer, sold)).toContain('77,777');
});
