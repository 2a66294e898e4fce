import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ok, type TestVendor, waitFor } from '../harness.ts';
import { ConsoleClient } from './client.ts';
import { type ConsoleSystem, signIn, startBrowser, startConsole, type TestBrowser } from './system.ts';

let system: ConsoleSystem;
let browser: TestBrowser;

beforeAll(async () => {
  system = await startConsole({ credits: { CREDIT_DUAL_APPROVAL_ABOVE: '1000000' } });
  await system.operator('sara', 'approver');
  browser = await startBrowser(system.url);
}, 300_000);
afterAll(async () => {
  await browser?.[Symbol.asyncDispose]();
  await system?.[Symbol.asyncDispose]();
});

const rows = (text: string, values?: unknown[]) =>
  system.base.playground.sql(text, values).then((result) => result.rows);

async function ask(vendor: TestVendor, amount: string): Promise<number> {
  const body = { amount };
  return ok(await system.base.request('POST', '/api/credits/request/', { token: vendor.token, body })).id;
}
const read = async (vendor: TestVendor, id: number) =>
  ok(await system.base.request('GET', `/api/credits/${id}/`, { token: vendor.token }));
const balanceOf = async (vendor: TestVendor) =>
  ok(await system.base.request('GET', '/api/vendors/balance/', { token: vendor.token })).balance;

async function as(username: string, options?: Parameters<TestBrowser['page']>[0]): Promise<Page> {
  const page = await browser.page(options);
  await signIn(page, username);
  return page;
}
const choose = (page: Page, id: number) => page.getByLabel(`Select request ${id}`, { exact: true }).check();
const notice = (page: Page) => page.locator('p.notice').textContent();

test('a request made over the API is approved in the console, and the balance grows', async () => {
  const vendor = await system.base.createVendor({ name: 'Northwind' });
  const id = await ask(vendor, '250000');
  const page = await as('approver');
  await page.goto('/admin/credits/');
  const row = page.getByRole('row').filter({ hasText: 'Northwind' });
  expect(await row.textContent()).toContain('250,000');
  await row.getByRole('link', { name: 'Approve' }).click();
  expect(await page.locator('.says').textContent()).toContain('1 will be posted at once: 250,000 Toman');
  await page.getByRole('button', { name: 'Approve 1' }).click();
  expect(await notice(page)).toContain('Approved');
  await waitFor(async () => (await balanceOf(vendor)) === 250_000);

  await page.goto(`/admin/credits/${id}/`);
  const said = await page.locator('main').textContent();
  for (const part of ['posted', 'Northwind', '127.0.0.1', 'approver']) expect(said).toContain(part);
  expect(await page.getByRole('link', { name: 'Approve' }).count()).toBe(0);
  const [act] = await rows(
    "SELECT b.target, e.stage FROM gateway.operator_acts b JOIN gateway.operator_acts e ON e.completes = b.id WHERE b.act = 'credit.approve'",
  );
  expect(act).toEqual({ target: `credit:${id}`, stage: 'done' });
});

test('a large amount needs two people: the first is told who may be second, and cannot be it', async () => {
  const vendor = await system.base.createVendor({ name: 'Twice Ltd' });
  const id = await ask(vendor, '5000000');
  const first = await as('approver');
  await first.goto(`/admin/credits/approve/?id=${id}`);
  expect(await first.locator('.says').textContent()).toContain('wait for a second person');
  await first.getByRole('button', { name: 'Approve 1' }).click();
  expect(await notice(first)).toContain('second person');
  await first.goto(`/admin/credits/${id}/`);
  const facts = await first.locator('main').textContent();
  expect(facts).toContain('approver approved first.');
  expect(facts).toMatch(/May be second:\s+admin, sara/);
  expect(await first.getByRole('link', { name: 'Approve' }).count()).toBe(0);
  // Neither the page that asks nor a request of one's own making gets past.
  await first.goto(`/admin/credits/approve/?id=${id}`);
  expect(await first.getByRole('button', { name: /^Approve/ }).count()).toBe(0);
  const client = await ConsoleClient.signedIn(system.url, 'approver');
  const forced = await client.post('/admin/credits/approve/', {
    form_token: await client.token(),
    id: String(id),
  });
  expect(await forced.text()).toContain('You have approved this request already');
  expect(await balanceOf(vendor)).toBe(0);

  const second = await as('sara');
  await second.goto(`/admin/credits/approve/?id=${id}`);
  await second.getByRole('button', { name: 'Approve 1' }).click();
  await waitFor(async () => (await balanceOf(vendor)) === 5_000_000);
});

test('a request is rejected with a reason, which the vendor reads over the API', async () => {
  const vendor = await system.base.createVendor();
  const id = await ask(vendor, '70000');
  const page = await as('admin');
  await page.goto(`/admin/credits/reject/?id=${id}`);
  await page.getByLabel('Reason').fill('The invoice is not paid yet');
  await page.getByRole('button', { name: 'Reject 1' }).click();
  expect(await notice(page)).toBe('Rejected.');
  expect(await read(vendor, id)).toMatchObject({
    status: 'rejected',
    reason: 'The invoice is not paid yet',
    decided_by: 'admin:admin',
  });
  // Nobody is rejected without a reason, whatever the browser lets through.
  const other = await ask(vendor, '70000');
  const client = await ConsoleClient.signedIn(system.url, 'admin');
  const form = { form_token: await client.token(), id: String(other) };
  const answer = await client.post('/admin/credits/reject/', form);
  expect(answer.status).toBe(422);
  expect(await answer.text()).toContain('This field is required');
  expect((await read(vendor, other)).status).toBe('pending');
});

test('many are chosen and approved at once, without a script; what was decided meanwhile stays as it is', async () => {
  const vendor = await system.base.createVendor({ name: 'Bulk & Sons' });
  const ids = [await ask(vendor, '1000'), await ask(vendor, '2000'), await ask(vendor, '3000.50')];
  const page = await as('approver', { javaScriptEnabled: false });
  await page.goto(`/admin/credits/?vendor=${vendor.id}`);
  for (const id of ids) await choose(page, id);
  await page.getByRole('button', { name: 'Approve selected' }).click();
  expect(await page.locator('.says').textContent()).toContain('3 will be posted at once: 6,000.50 Toman');
  ok(await system.base.request('POST', `/api/admin/credits/${ids[1]}/reject`, { body: { reason: 'no' } }));
  await page.getByRole('button', { name: 'Approve 3' }).click();
  expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe('Not all could be decided');
  expect(
    await page
      .getByRole('row')
      .filter({ hasText: `${ids[1]}` })
      .textContent(),
  ).toContain('already');
  await waitFor(async () => (await balanceOf(vendor)) === 4_000.5);
});

test('keys move, choose and lead to the page that asks', async () => {
  const vendor = await system.base.createVendor({ name: 'Keys' });
  const ids = [await ask(vendor, '11'), await ask(vendor, '12'), await ask(vendor, '13')];
  const page = await as('approver');
  await page.goto(`/admin/credits/?vendor=${vendor.id}`);
  for (const key of ['j', 'j', 'x', 'j', 'x', 'k', 'j']) await page.keyboard.press(key);
  expect(await page.locator('.queue output').textContent()).toBe('2 selected');
  await page.keyboard.press('r');
  await page.waitForURL(`**/admin/credits/reject/?id=${ids[1]}&id=${ids[2]}`);
  await page.goBack();
  await page.getByLabel("Vendor's number").press('j');
  expect(await page.getByLabel("Vendor's number").inputValue()).toContain('j');
});

test('an auditor looks and can decide nothing; the pages speak Persian, too', async () => {
  const vendor = await system.base.createVendor({ name: 'پارس' });
  const id = await ask(vendor, '1234567');
  const page = await as('auditor');
  await page.goto('/admin/credits/');
  expect(await page.getByRole('checkbox').count()).toBe(0);
  expect(await page.getByRole('link', { name: 'Approve' }).count()).toBe(0);
  expect((await page.goto(`/admin/credits/approve/?id=${id}`))!.status()).toBe(403);
  await page.goto('/admin/credits/');
  await page.getByText('Appearance').click();
  await page.getByRole('button', { name: 'فارسی' }).click();
  expect(await page.locator('html').getAttribute('dir')).toBe('rtl');
  expect(await page.getByRole('row').filter({ hasText: 'پارس' }).textContent()).toContain('۱٬۲۳۴٬۵۶۷');
});
