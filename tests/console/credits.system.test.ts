import { afterAll, beforeAll, expect, test } from 'vitest';
import { ok, type TestVendor, waitFor } from '../harness.ts';
import { signIn, startBrowser } from './browser.ts';
import { ConsoleClient } from './client.ts';
import { type ConsoleSystem, startConsole } from './system.ts';
import { ConsoleUser } from './user.ts';

let system: ConsoleSystem;

beforeAll(async () => {
  system = await startConsole({
    credits: { CREDIT_DUAL_APPROVAL_ABOVE: '1000000' },
    services: ['ledger', 'credits', 'gateway'],
  });
  await system.operator('sara', 'approver');
});
afterAll(() => system?.[Symbol.asyncDispose]());

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

const as = (username: string) => ConsoleUser.signedIn(system.url, username);

test('a request made over the API is approved in the console, and the balance grows', async () => {
  const vendor = await system.base.createVendor({ name: 'Northwind' });
  const id = await ask(vendor, '250000');
  const approver = await as('approver');
  await approver.open('/admin/credits/');
  const [row] = approver.all('tbody tr').filter(({ textContent }) => textContent.includes('Northwind'));
  expect(row!.textContent).toContain('250,000');
  await approver.follow('Approve', row);
  expect(approver.text('.says')).toContain('1 will be posted at once: 250,000 Toman');
  await approver.press('Approve 1');
  expect(approver.text('p.notice')).toContain('Approved');
  await waitFor(async () => (await balanceOf(vendor)) === 250_000);

  await approver.open(`/admin/credits/${id}/`);
  for (const part of ['posted', 'Northwind', '127.0.0.1', 'approver'])
    expect(approver.text()).toContain(part);
  expect(approver.links('Approve')).toEqual([]);
  const [act] = await rows(
    "SELECT b.target, e.stage FROM backoffice.operator_acts b JOIN backoffice.operator_acts e ON e.completes = b.id WHERE b.act = 'credit.approve'",
  );
  expect(act).toEqual({ target: `credit:${id}`, stage: 'done' });
});

test('a large amount needs two people: the first is told who may be second, and cannot be it', async () => {
  const vendor = await system.base.createVendor({ name: 'Twice Ltd' });
  const id = await ask(vendor, '5000000');
  const first = await as('approver');
  await first.open(`/admin/credits/approve/?id=${id}`);
  expect(first.text('.says')).toContain('wait for a second person');
  await first.press('Approve 1');
  expect(first.text('p.notice')).toContain('second person');
  await first.open(`/admin/credits/${id}/`);
  expect(first.text()).toContain('approver approved first.');
  expect(first.text()).toMatch(/May be second: admin, sara/);
  expect(first.links('Approve')).toEqual([]);
  // Neither the page that asks nor a request of one's own making gets past.
  await first.open(`/admin/credits/approve/?id=${id}`);
  expect(first.all('button').filter(({ textContent }) => /Approve/.test(textContent))).toEqual([]);
  const client = await ConsoleClient.signedIn(system.url, 'approver');
  const forced = await client.post('/admin/credits/approve/', {
    form_token: await client.token(),
    id: String(id),
  });
  expect(await forced.text()).toContain('You have approved this request already');
  expect(await balanceOf(vendor)).toBe(0);

  const second = await as('sara');
  await second.open(`/admin/credits/approve/?id=${id}`);
  await second.press('Approve 1');
  await waitFor(async () => (await balanceOf(vendor)) === 5_000_000);
});

test('a request is rejected with a reason, which the vendor reads over the API', async () => {
  const vendor = await system.base.createVendor();
  const id = await ask(vendor, '70000');
  const admin = await as('admin');
  await admin.open(`/admin/credits/reject/?id=${id}`);
  admin.fill('Reason', 'The invoice is not paid yet');
  await admin.press('Reject 1');
  expect(admin.text('p.notice')).toBe('Rejected.');
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

test('many are chosen and approved at once; what was decided meanwhile stays as it is', async () => {
  const vendor = await system.base.createVendor({ name: 'Bulk & Sons' });
  const ids = [await ask(vendor, '1000'), await ask(vendor, '2000'), await ask(vendor, '3000.50')];
  const approver = await as('approver');
  await approver.open(`/admin/credits/?vendor=${vendor.id}`);
  for (const id of ids) approver.check(`Select request ${id}`);
  await approver.press('Approve selected');
  expect(approver.text('.says')).toContain('3 will be posted at once: 6,000.50 Toman');
  ok(await system.base.request('POST', `/api/admin/credits/${ids[1]}/reject`, { body: { reason: 'no' } }));
  await approver.press('Approve 3');
  expect(approver.title).toBe('Not all could be decided');
  const [refused] = approver.rows().filter((row) => row.includes(`${ids[1]}`));
  expect(refused).toContain('already');
  await waitFor(async () => (await balanceOf(vendor)) === 4_000.5);
});

test('with a script, keys move, choose and lead to the page that asks, whose button decides', async () => {
  const vendor = await system.base.createVendor({ name: 'Keys' });
  const ids = [await ask(vendor, '11'), await ask(vendor, '12'), await ask(vendor, '13')];
  await using browser = await startBrowser(system.url);
  const page = await browser.page();
  await signIn(page, 'approver');
  await page.goto(`/admin/credits/?vendor=${vendor.id}`);
  for (const key of ['j', 'j', 'x', 'j', 'x', 'k', 'j']) await page.keyboard.press(key);
  expect(await page.locator('.queue output').textContent()).toBe('2 selected');
  await page.keyboard.press('r');
  await page.waitForURL(`**/admin/credits/reject/?id=${ids[1]}&id=${ids[2]}`);
  await page.goBack();
  await page.getByLabel("Vendor's number").press('j');
  expect(await page.getByLabel("Vendor's number").inputValue()).toContain('j');
  await page.goForward();
  await page.getByLabel('Reason').fill('Typed by mistake');
  await page.getByRole('button', { name: 'Reject 2' }).click();
  expect(await page.locator('p.notice').textContent()).toBe('Rejected.');
}, 60_000);

test('an auditor looks and can decide nothing; the pages speak Persian, too', async () => {
  const vendor = await system.base.createVendor({ name: 'پارس' });
  const id = await ask(vendor, '1234567');
  const auditor = await as('auditor');
  await auditor.open('/admin/credits/');
  expect(auditor.all('input[type=checkbox]')).toEqual([]);
  expect(auditor.links('Approve')).toEqual([]);
  expect(await auditor.open(`/admin/credits/approve/?id=${id}`)).toBe(403);
  await auditor.open('/admin/credits/');
  await auditor.press('فارسی');
  expect(auditor.document.documentElement.getAttribute('dir')).toBe('rtl');
  const [row] = auditor.rows().filter((one) => one.includes('پارس'));
  expect(row).toContain('۱٬۲۳۴٬۵۶۷');
});
