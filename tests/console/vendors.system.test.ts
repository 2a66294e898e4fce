import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ok, waitFor } from '../harness.ts';
import { ConsoleClient } from './client.ts';
import { type ConsoleSystem, signIn, startBrowser, startConsole, type TestBrowser } from './system.ts';

let system: ConsoleSystem;
let browser: TestBrowser;

beforeAll(async () => {
  system = await startConsole({ services: ['ledger', 'credits', 'gateway'] });
  browser = await startBrowser(system.url);
}, 300_000);
afterAll(async () => {
  await browser?.[Symbol.asyncDispose]();
  await system?.[Symbol.asyncDispose]();
});

const sell = (token: string, amount = '1000.00') =>
  system.base.request('POST', '/api/charges/sell/', {
    token,
    body: { phone_number: '+989123456789', amount },
    headers: { 'idempotency-key': crypto.randomUUID() },
  });

const actsOn = async (target: string) => {
  const { rows } = await system.base.playground.sql(
    `SELECT a.act, a.operator, e.stage FROM gateway.operator_acts a JOIN gateway.operator_acts e ON e.completes = a.id
     WHERE a.target = $1 ORDER BY a.id`,
    [target],
  );
  return rows;
};

const heading = (page: Page) => page.getByRole('heading', { level: 1 }).textContent();

test('a vendor is opened, gets a token, sells with it, is suspended and sells again, all without a script', async () => {
  const page = await browser.page({ javaScriptEnabled: false });
  await signIn(page, 'admin');
  await page.getByRole('link', { name: 'Vendors' }).click();
  await page.getByRole('link', { name: 'Open a vendor' }).click();
  await page.getByLabel('Name').fill('Corner Shop');
  await page.getByLabel('Daily limit of sales').fill('۲٬۰۰۰٬۰۰۰');
  await page.getByRole('button', { name: 'Open' }).click();
  expect(await heading(page)).toBe('Corner Shop');
  expect(await page.getByRole('status').textContent()).toContain('The vendor is open');
  expect(await page.locator('.stats').textContent()).toContain('of 2,000,000 a day');
  const id = Number(/vendors\/(\d+)\//.exec(page.url())![1]);

  await page.getByRole('link', { name: 'Tokens' }).click();
  await page.getByLabel('What it is for').fill('till-1');
  await page.getByRole('button', { name: 'Issue a token' }).click();
  const token = (await page.locator('#token').textContent())!;
  expect(token).toMatch(/^b2bv_/);
  await page.getByRole('link', { name: 'I have copied it' }).click();
  expect(await page.content()).not.toContain(token);

  const credit = ok(
    await system.base.request('POST', '/api/credits/request/', { token, body: { amount: '50000.00' } }),
  );
  ok(await system.base.request('POST', `/api/admin/credits/${credit.id}/approve`, { body: {} }));
  await waitFor(async () => (await sell(token)).status === 200);

  await page.goto(`/admin/vendors/${id}/`);
  await page.getByRole('link', { name: 'Suspend' }).click();
  expect(await page.locator('.says').textContent()).toContain('Every sale of this vendor is refused');
  await page.getByRole('button', { name: 'Suspend' }).click();
  expect(await page.getByRole('status').textContent()).toContain('suspended');
  expect((await sell(token)).body.error.code).toBe('VENDOR_INACTIVE');
  await page.getByRole('link', { name: 'Let sell again' }).click();
  await page.getByRole('button', { name: 'Let sell again' }).click();
  expect((await sell(token)).status).toBe(200);

  await page.goto(`/admin/vendors/${id}/tokens/`);
  await page.getByRole('link', { name: 'Revoke till-1' }).click();
  await page.getByRole('button', { name: 'Revoke' }).click();
  await waitFor(async () => (await sell(token)).status === 401);
  expect(await actsOn(`vendor:${id}`)).toEqual([
    { act: 'token.issue', operator: 'admin', stage: 'done' },
    { act: 'vendor.suspend', operator: 'admin', stage: 'done' },
    { act: 'vendor.activate', operator: 'admin', stage: 'done' },
    { act: 'token.revoke', operator: 'admin', stage: 'done' },
  ]);
}, 60_000);

test('a form that is sent twice opens one vendor, and issues one token', async () => {
  const client = await ConsoleClient.signedIn(system.url, 'admin');
  const form_token = await client.token();
  const form = { form_token, key: 'twice-twice', name: 'Twice' };
  const [first, second] = [
    await client.post('/admin/vendors/new/', form),
    await client.post('/admin/vendors/new/', form),
  ];
  expect(first!.status).toBe(303);
  expect(second!.headers.get('location')).toBe(first!.headers.get('location'));
  const [, id] = /vendors\/(\d+)\//.exec(first!.headers.get('location')!)!;
  const issue = () => client.post(`/admin/vendors/${id}/tokens/`, { form_token, name: 'till-9' });
  expect((await issue()).status).toBe(200);
  const again = await issue();
  expect(again.status).toBe(422);
  expect(await again.text()).toContain('There is a living token of this name already.');
});

test('a form that is wrong comes back with what was typed and what was wrong', async () => {
  const page = await browser.page({ javaScriptEnabled: false });
  await signIn(page, 'admin');
  await page.goto('/admin/vendors/new/');
  await page.getByLabel('Name').fill('<b>Bold & "Sons"</b>');
  await page.getByLabel('Daily limit of sales').fill('a lot');
  await page.getByRole('button', { name: 'Open' }).click();
  expect(await page.getByLabel('Name').inputValue()).toBe('<b>Bold & "Sons"</b>');
  expect(await page.getByLabel('Daily limit of sales').getAttribute('aria-invalid')).toBe('true');
  expect(await page.locator('#e-daily_limit').textContent()).toContain('at most two decimals');
  await page.getByLabel('Daily limit of sales').fill('');
  await page.getByRole('button', { name: 'Open' }).click();
  expect(await heading(page)).toBe('<b>Bold & "Sons"</b>');
});

test('settings change the vendor at the door, in the books and for its credit, under the operator’s name', async () => {
  const vendor = await system.base.createVendor({ name: 'Before', balance: '500000.00' });
  const page = await browser.page();
  await signIn(page, 'admin');
  await page.goto(`/admin/vendors/${vendor.id}/settings/`);
  await page.getByLabel('Name').fill('After');
  await page.getByLabel('Daily limit of sales').fill('1,500');
  await page.getByLabel('Idempotency key').selectOption('Needed for every sale');
  await page.getByLabel('Daily limit of credit', { exact: true }).fill('10');
  await page.getByRole('button', { name: 'Save' }).click();
  expect(await heading(page)).toBe('After');
  const keyless = { phone_number: '+989123456789', amount: '1000.00' };
  const refused = await system.base.request('POST', '/api/charges/sell/', {
    token: vendor.token,
    body: keyless,
  });
  expect(refused.body.error.code).toBe('IDEMPOTENCY_KEY_REQUIRED');
  expect((await sell(vendor.token, '1400.00')).status).toBe(200);
  expect((await sell(vendor.token, '200.00')).body.error.code).toBe('DAILY_LIMIT_EXCEEDED');
  const { rows } = await system.base.playground.sql(
    "SELECT actor, action FROM credits.audit_trail WHERE vendor_id = $1 AND action LIKE '%limit%'",
    [vendor.id],
  );
  expect(rows).toMatchObject([{ actor: 'admin:admin' }]);
});

test('a vendor’s transactions are filtered, paged and exported alike', async () => {
  const vendor = await system.base.createVendor({ name: 'Busy', balance: '100000.00' });
  for (let sale = 0; sale < 30; sale++) expect((await sell(vendor.token, '1000.00')).status).toBe(200);
  expect((await sell(vendor.token, '999999.00')).status).toBe(402);
  const page = await browser.page();
  await signIn(page, 'auditor');
  await page.goto(`/admin/vendors/${vendor.id}/`);
  const rows = page.getByRole('table', { name: /^Transactions of this vendor/ }).locator('tbody tr');
  expect(await rows.count()).toBe(25);
  await page.getByRole('link', { name: 'Older' }).click();
  expect(await rows.count()).toBe(8);
  await page.getByLabel('Status').selectOption('rejected');
  await page.getByRole('button', { name: 'Show' }).click();
  expect(await rows.count()).toBe(1);
  expect(await rows.first().textContent()).toContain('The balance is not sufficient');
  const href = (await page.getByRole('link', { name: 'As CSV' }).getAttribute('href'))!;
  const csv = await (await page.request.get(href)).text();
  expect(csv.trim().split('\r\n')).toHaveLength(2);
  expect(csv).toContain('INSUFFICIENT_BALANCE');
  expect(await page.getByRole('link', { name: 'Suspend' }).count()).toBe(0);
});
