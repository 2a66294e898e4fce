import { contentType, HEADERS, laneOf } from '@b2b-charge/contracts';
import { jetstream } from '@nats-io/jetstream';
import { headers } from '@nats-io/transport-node';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ok, type TestVendor, waitFor } from '../harness.ts';
import { type ConsoleSystem, signIn, startBrowser, startConsole, type TestBrowser } from './system.ts';

let system: ConsoleSystem;
let browser: TestBrowser;
let vendor: TestVendor;
let page: Page;

beforeAll(async () => {
  system = await startConsole({ services: ['ledger', 'credits', 'gateway'] });
  browser = await startBrowser(system.url);
  vendor = await system.base.createVendor({ name: 'Northwind', balance: '500000' });
  page = await browser.page();
  await signIn(page, 'admin');
}, 300_000);
afterAll(async () => {
  await browser?.[Symbol.asyncDispose]();
  await system?.[Symbol.asyncDispose]();
});

/** Puts a command into the log as an operator can; resolves to the id of the dead letter that it becomes. */
async function deadLetter(vendorId: number, key: string, body: string): Promise<string> {
  const { nc, subjects } = system.base.playground;
  const head = headers();
  head.set(HEADERS.messageId, key);
  head.set(HEADERS.contentType, contentType('charge.v1'));
  head.set('X-Api-Key', 'somebodys secret');
  await jetstream(nc).publish(subjects.command(laneOf(vendorId, 16), 'gateway', vendorId), body, {
    headers: head,
  });
  const find = async () => {
    const { dead_letters } = ok(await system.base.request('GET', '/api/admin/dead-letters/'));
    return dead_letters.find((one: { message_id: string }) => one.message_id === key)?.id as string;
  };
  await waitFor(async () => (await find()) !== undefined);
  return find();
}
const main = () => page.locator('main').textContent();
const charge = JSON.stringify({ phone_number: '+989123456789', amount: '700.00' });

test('one is found by its reason and looked into, without phone numbers and without secrets', async () => {
  const id = await deadLetter(vendor.id, 'broken', '{"amount":"much","phone_number":"+989123456789"}');
  const bytes = await deadLetter(vendor.id, 'bytes', '\u0000\u0001<script>alert(1)</script>');
  await page.goto('/admin/dead-letters/');
  await page.getByLabel('Reason').selectOption('UNKNOWN_VENDOR');
  await page.getByRole('button', { name: 'Show' }).click();
  expect(await main()).toContain('None has this reason.');
  await page.getByLabel('Reason').selectOption('MALFORMED');
  await page.getByRole('button', { name: 'Show' }).click();
  await page.getByRole('link', { name: id, exact: true }).click();
  for (const part of ['broken', 'Northwind', '"amount": "much"', '+98912***89', '•••', 'malformed'])
    expect(await main()).toContain(part);
  expect(await page.content()).not.toContain('+989123456789');
  expect(await page.content()).not.toContain('somebodys secret');
  await page.goto(`/admin/dead-letters/${bytes}/`);
  expect(await main()).toContain('00 01 3c 73');
});

test('one that can be executed by now is sent again behind a page that shows it, once, and is in the trail', async () => {
  const id = await deadLetter(vendor.id + 1, 'too-early', charge);
  await page.goto(`/admin/dead-letters/${id}/`);
  await page.getByRole('link', { name: 'Send again' }).click();
  expect(await main()).toContain(`there is no vendor ${vendor.id + 1}`);

  const late = await system.base.createVendor({ name: 'Late', balance: '1000' });
  const balance = async () =>
    ok(await system.base.request('GET', '/api/vendors/balance/', { token: late.token })).balance;
  await page.goto(`/admin/dead-letters/${id}/resubmit/`);
  expect(await page.locator('.says').textContent()).toContain('nothing is done twice');
  expect(await main()).toContain('"amount": "700.00"');
  expect(await balance()).toBe(1_000);
  await page.getByLabel('Why').fill('The vendor exists by now');
  await page.getByRole('button', { name: 'Send again' }).click();
  expect(await page.locator('p.notice').textContent()).toContain('Sent again');
  await waitFor(async () => (await balance()) === 300);
  await page.getByRole('link', { name: 'See its outcome' }).click();
  expect(await page.getByRole('row').nth(1).textContent()).toContain('700');

  await page.goto(`/admin/dead-letters/${id}/resubmit/`);
  expect(await main()).toContain('was sent again already');
  await page.getByRole('link', { name: 'once more all the same' }).click();
  expect(await main()).toContain('has an outcome');
  expect(await balance()).toBe(300);
  await page.goto(`/admin/trail/?target=dead-letter:${id}`);
  const row = await page.getByRole('row').nth(1).textContent();
  for (const part of ['dead-letter.resubmit', 'done', 'The vendor exists by now'])
    expect(row).toContain(part);
});

test('an auditor looks and sends nothing; in Persian, too', async () => {
  const id = await deadLetter(vendor.id, 'for-the-auditor', '{}');
  const other = await browser.page();
  await signIn(other, 'auditor');
  await other.goto(`/admin/dead-letters/${id}/`);
  expect(await other.getByRole('link', { name: 'Send again' }).count()).toBe(0);
  expect((await other.goto(`/admin/dead-letters/${id}/resubmit/`))!.status()).toBe(403);
  await other.goto('/admin/dead-letters/');
  await other.getByText('Appearance').click();
  await other.getByRole('button', { name: 'فارسی' }).click();
  expect(await other.getByRole('row').nth(1).textContent()).toContain('بدساخت');
});
