import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { TestVendor } from '../harness.ts';
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

const sql = (text: string, values?: unknown[]) =>
  system.base.playground.sql(text, values).then((result) => result.rows);
const main = () => page.locator('main').textContent();

async function runAudit(scope: string): Promise<void> {
  await page.goto('/admin/reports/');
  await page.getByRole('link', { name: 'Run an audit' }).click();
  await page.getByLabel('Scope').selectOption(scope);
  await page.getByRole('button', { name: 'Begin' }).click();
  await page.waitForURL(/\/admin\/reports\/\d+\//);
  await page.getByText('Stored balances').waitFor();
}

test('an audit is run and its report opened; everything agrees', async () => {
  await runAudit('full');
  expect(await main()).toContain('verified');
  expect(await main()).toContain('Everything agrees.');
  expect(await main()).toContain('500,000 Toman');
  const answer = await page.request.get(`${page.url().replace(/\?.*/, '')}report.txt`);
  expect(await answer.text()).toContain('Balance Reconciliation');
  await page.goto('/admin/trail/?target=books');
  expect(await page.getByRole('row').nth(1).textContent()).toMatch(/audit\.run.*done/);
});

test('a minor discrepancy is seen, looked into, and made good behind a page that asks', async () => {
  await sql('UPDATE ledger.vendors SET balance = balance + 50 WHERE vendor_id = $1', [vendor.id]);
  await runAudit('incremental');
  expect(await main()).toContain('minor');
  await page.getByRole('region', { name: 'What the audit found' }).getByRole('link').first().click();
  expect(await page.locator('.versus').textContent()).toMatch(/Expected.*500,000\.00.*Found.*500,000\.50/s);
  const around = page.getByRole('region', { name: /around the finding/ });
  expect(await around.getByRole('row').count()).toBe(3);
  await around.getByRole('link', { name: 'Credit' }).click();
  await page.waitForURL(/\/admin\/transactions\//);
  await page.goBack();
  await page.getByRole('link', { name: 'To the audit' }).click();
  await page.getByRole('link', { name: 'Make minor ones good' }).click();
  expect(await page.locator('.says').textContent()).toContain('in this report 1.');
  await page.getByRole('button', { name: 'Audit and make good' }).click();
  await page.getByText('1 made good').waitFor();
  expect(await sql('SELECT balance FROM ledger.vendors WHERE vendor_id = $1', [vendor.id])).toEqual([
    { balance: '50000000' },
  ]);
  await page.goto('/admin/reports/');
  expect(await page.locator('figure.chart').count()).toBe(2);
});

test('one that goes on says how far it is, and its page follows it, with and without a script', async () => {
  const [{ run_id }] = await sql(
    `INSERT INTO reconciler.runs (mode, trigger, started_by, fence, progress)
     VALUES ('full', 'test', 'test', 0, '{"share": 0.4}') RETURNING run_id`,
  );
  await page.goto(`/admin/reports/${run_id}/`);
  expect(await page.getByRole('progressbar').getAttribute('value')).toBe('0.4');
  expect(await main()).toContain('40%');
  const plain = await (await page.request.get(`/admin/reports/${run_id}/`)).text();
  expect(plain).toContain('<noscript><meta http-equiv="refresh"');
  await sql(
    "UPDATE reconciler.runs SET status = 'failed', finished_at = clock_timestamp(), error = 'stopped by the test' WHERE run_id = $1",
    [run_id],
  );
  await page.getByText('stopped by the test').waitFor();
  expect(await page.getByRole('progressbar').count()).toBe(0);
});

test('one vendor is audited only if it is named', async () => {
  const client = await ConsoleClient.signedIn(system.url, 'admin');
  const form_token = await client.token();
  const send = (form: Record<string, string>) => client.post('/admin/reports/new/', { form_token, ...form });
  expect((await send({ scope: 'vendor' })).status).toBe(422);
  const answer = await send({ scope: 'vendor', vendor: String(vendor.id) });
  expect(answer.headers.get('location')).toBe(`/admin/vendors/${vendor.id}/verification/?full=true`);
});

test('an auditor reads reports and runs none; in Persian, too', async () => {
  const other = await browser.page({ locale: 'fa-IR' });
  await other.goto('/admin/sign-in/');
  await other.locator('#f-username').fill('auditor');
  await other.locator('#f-password').fill('a long enough password');
  await other.locator('button.primary').click();
  await other.goto('/admin/reports/');
  expect(await other.getByRole('heading', { level: 1 }).textContent()).toBe('تطبیق حساب‌ها');
  expect(await other.getByRole('link', { name: 'حسابرسی تازه' }).count()).toBe(0);
  expect((await other.goto('/admin/reports/new/'))!.status()).toBe(403);
});
