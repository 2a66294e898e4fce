import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ok, type TestVendor } from '../harness.ts';
import { ConsoleClient } from './client.ts';
import { type ConsoleSystem, signIn, startBrowser, startConsole, type TestBrowser } from './system.ts';

let system: ConsoleSystem;
let browser: TestBrowser;
let vendor: TestVendor;
let page: Page;

beforeAll(async () => {
  system = await startConsole({ services: ['ledger', 'credits', 'reconciler', 'gateway'] });
  browser = await startBrowser(system.url);
  vendor = await system.base.createVendor({ name: 'Northwind', balance: '500000' });
  page = await browser.page();
  await signIn(page, 'admin');
}, 300_000);
afterAll(async () => {
  await browser?.[Symbol.asyncDispose]();
  await system?.[Symbol.asyncDispose]();
});

async function sell(amount: string, key: string, phone_number = '+989123456789'): Promise<string> {
  const { token } = vendor;
  const body = { phone_number, amount };
  const headers = { 'idempotency-key': key };
  const sold = await system.base.request('POST', '/api/charges/sell/', { token, body, headers });
  return ok(sold).transaction_id;
}
const balanceOf = async () =>
  ok(await system.base.request('GET', '/api/vendors/balance/', { token: vendor.token })).balance;
const title = () => page.getByRole('heading', { level: 1 }).textContent();
const main = () => page.locator('main').textContent();

test('a sale is found by its id, by its key and by its phone number', async () => {
  const id = await sell('20000', 'order-1', '+989350000001');
  await page.goto('/admin/transactions/');
  await page.getByRole('textbox', { name: 'Transaction' }).fill(id.toUpperCase());
  await page.getByRole('button', { name: 'Show' }).click();
  await page.waitForURL(`**/admin/transactions/${id}/`);
  expect(await title()).toBe('Charge, 20,000 Toman');
  for (const part of ['Northwind', 'order-1', '+989350000001', '480,000', 'gateway', 'Lane'])
    expect(await main()).toContain(part);
  const [row] = (
    await system.base.playground.sql(
      "SELECT encode(hash, 'hex') AS hash, stream_seq FROM ledger.transactions WHERE id = $1",
      [id],
    )
  ).rows;
  expect(await main()).toContain(row.hash);

  await page.goto('/admin/transactions/');
  await page.getByLabel('Key', { exact: true }).fill('order-1');
  await page.getByRole('button', { name: 'Show' }).click();
  expect(await page.locator('.wrong').textContent()).toContain('within a vendor');
  await page.getByLabel("Vendor's number").fill(String(vendor.id));
  await page.getByRole('button', { name: 'Show' }).click();
  expect(await page.getByRole('row').count()).toBe(2);
  expect(await page.getByRole('row').nth(1).textContent()).toContain('order-1');

  await page.goto('/admin/transactions/?phone=0935+000+0001');
  expect(await page.getByRole('row').count()).toBe(2);
  await page.goto('/admin/transactions/?phone=nonsense');
  expect(await page.locator('.wrong').textContent()).toContain('valid phone number');
});

test('a sale is found by its reference and by the token that sold it', async () => {
  const { token } = vendor;
  const body = { phone_number: '+989350000002', amount: '100', reference: 'till 9' };
  const headers = { 'idempotency-key': 'order-ref' };
  const sold = ok(await system.base.request('POST', '/api/charges/sell/', { token, body, headers }));
  await page.goto('/admin/transactions/');
  await page.getByLabel('Reference').fill('till 9');
  await page.getByRole('button', { name: 'Show' }).click();
  expect(await page.getByRole('row').count()).toBe(2);
  await page.locator(`a[href="/admin/transactions/${sold.transaction_id}/"]`).click();
  const principal = /token:\d+/.exec((await main())!)![0];
  await page.goto(`/admin/transactions/?principal=${principal}&reference=till+9`);
  expect(await page.getByRole('row').nth(1).textContent()).toContain('order-ref');
  await page.goto('/admin/transactions/?principal=token:999999');
  expect(await main()).toContain('No transaction looks like that.');
});

test('a receipt is downloaded, signed', async () => {
  const id = await sell('1000', 'order-2');
  const client = await ConsoleClient.signedIn(system.url, 'auditor');
  const answer = await client.get(`/admin/transactions/${id}/receipt.json`);
  expect(answer.headers.get('content-disposition')).toContain(`receipt-${id}.json`);
  expect(await answer.json()).toMatchObject({ statement: expect.stringContaining(id) });
});

test('a charge is reversed behind a page that says what it will do; and is in the trail', async () => {
  const id = await sell('45000.50', 'order-3');
  const before = await balanceOf();
  await page.goto(`/admin/transactions/${id}/`);
  await page.getByRole('link', { name: 'Reverse' }).click();
  const says = await page.locator('.says').textContent();
  expect(says).toContain('45,000.50 Toman is given back to Northwind.');
  expect(says).toContain('becomes');
  expect(await balanceOf()).toBe(before);
  await page.getByLabel('Reason').fill('Wrong number');
  await page.getByRole('button', { name: /^Give/ }).click();
  expect(await page.locator('p.notice').textContent()).toContain('Given back');
  expect(await title()).toContain('Reversal');
  expect(await balanceOf()).toBe(before + 45_000.5);

  await page.goto(`/admin/transactions/${id}/`);
  expect(await main()).toContain('Given back by');
  expect(await page.getByRole('link', { name: 'Reverse' }).count()).toBe(0);
  expect((await page.goto(`/admin/transactions/${id}/reverse/`))!.status()).toBe(409);
  expect(await main()).toContain('given back already');
  await page.goto(`/admin/trail/?target=transaction:${id}`);
  const row = await page.getByRole('row').nth(1).textContent();
  for (const part of ['transaction.reverse', 'done', 'Wrong number']) expect(row).toContain(part);
});

test('the same form sent twice reverses once; another one is refused', async () => {
  const id = await sell('7000', 'order-4');
  const before = await balanceOf();
  const client = await ConsoleClient.signedIn(system.url, 'admin');
  const form_token = await client.token();
  const send = (key: string) =>
    client.post(`/admin/transactions/${id}/reverse/`, { form_token, key, reason: 'Twice' });
  const answers = await Promise.all([send('the-same-form'), send('the-same-form')]);
  expect(answers.map(({ status }) => status)).toEqual([303, 303]);
  expect(answers[0]!.headers.get('location')).toBe(answers[1]!.headers.get('location'));
  expect(await balanceOf()).toBe(before + 7_000);
  const another = await send('another-form');
  expect(await another.text()).toContain('given back already');
  expect(await balanceOf()).toBe(before + 7_000);
});

test('pages go on by a cursor; a file has all of them', async () => {
  for (let n = 0; n < 52; n++) await sell('10', `many-${n}`);
  await page.goto(`/admin/transactions/?vendor=${vendor.id}&type=charge`);
  expect(await page.getByRole('row').count()).toBe(51);
  await page.getByRole('link', { name: 'Older' }).click();
  expect(await page.getByRole('row').count()).toBeGreaterThan(1);
  const client = await ConsoleClient.signedIn(system.url, 'auditor');
  const file = await client.get(`/admin/transactions.csv?vendor=${vendor.id}&type=charge`);
  expect((await file.text()).split('\r\n').length).toBeGreaterThan(53);
});
