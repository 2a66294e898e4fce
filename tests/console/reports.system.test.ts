import { afterAll, beforeAll, expect, test } from 'vitest';
import { type TestVendor, waitFor } from '../harness.ts';
import { signIn, startBrowser } from './browser.ts';
import { ConsoleClient } from './client.ts';
import { type ConsoleWithVendor, startConsoleWithVendor } from './system.ts';
import { ConsoleUser } from './user.ts';

let system: ConsoleWithVendor;
let vendor: TestVendor;
let admin: ConsoleUser;

beforeAll(async () => {
  system = await startConsoleWithVendor({ services: ['ledger', 'credits', 'reconciler', 'gateway'] });
  ({ vendor, admin } = system);
});
afterAll(() => system?.[Symbol.asyncDispose]());

const sql = (text: string, values?: unknown[]) =>
  system.base.playground.sql(text, values).then((result) => result.rows);

/** Reads the page that is open again, as a browser does whose page follows what goes on. */
async function followUntil(text: string): Promise<void> {
  await waitFor(async () => {
    await admin.open(admin.address);
    return admin.text().includes(text);
  });
}

async function runAudit(scope: string): Promise<void> {
  await admin.open('/admin/reports/');
  await admin.follow('Run an audit');
  admin.choose('Scope', scope);
  await admin.press('Begin');
  expect(admin.address).toMatch(/^\/admin\/reports\/\d+\//);
  await followUntil('Stored balances');
}

test('an audit is run and its report opened; everything agrees', async () => {
  await runAudit('full');
  expect(admin.text()).toContain('verified');
  expect(admin.text()).toContain('Everything agrees.');
  expect(admin.text()).toContain('500,000 Toman');
  const answer = await admin.client.get(`${admin.address.replace(/\?.*/, '')}report.txt`);
  expect(await answer.text()).toContain('Balance Reconciliation');
  await admin.open('/admin/trail/?target=books');
  expect(admin.rows()[0]).toMatch(/audit\.run.*done/);
});

test('a minor discrepancy is seen, looked into, and fixed behind a page that asks', async () => {
  await sql('UPDATE ledger.vendors SET balance = balance + 50 WHERE vendor_id = $1', [vendor.id]);
  await runAudit('incremental');
  expect(admin.text()).toContain('minor');
  const report = admin.address;
  const [finding] = admin.all('[aria-label="What the audit found"] a[href]');
  await admin.open(finding!.getAttribute('href')!);
  expect(admin.text('.versus')).toMatch(/Expected.*500,000\.00.*Found.*500,000\.50/);
  const [around] = admin.all('[role=region][aria-label*="around the finding"]');
  expect(around!.querySelectorAll('tr')).toHaveLength(3);
  const page = admin.address;
  await admin.follow('Credit', around);
  expect(admin.address).toMatch(/^\/admin\/transactions\//);
  await admin.open(page);
  await admin.follow('To the audit');
  expect(admin.address.replace(/\?.*/, '')).toBe(report.replace(/\?.*/, ''));
  await admin.follow('Make minor ones good');
  expect(admin.text('.says')).toContain('in this report 1.');
  await admin.press('Audit and make good');
  await followUntil('1 fixed');
  expect(await sql('SELECT balance FROM ledger.vendors WHERE vendor_id = $1', [vendor.id])).toEqual([
    { balance: '50000000' },
  ]);
  await admin.open('/admin/reports/');
  expect(admin.all('figure.chart')).toHaveLength(2);
});

test('one that goes on says how far it is, and its page follows it, with and without a script', async () => {
  const [{ run_id }] = await sql(
    `INSERT INTO reconciler.runs (mode, trigger, started_by, fence, progress)
     VALUES ('full', 'test', 'test', 0, '{"share": 0.4}') RETURNING run_id`,
  );
  await using browser = await startBrowser(system.url);
  const page = await browser.page();
  await signIn(page, 'admin');
  await page.goto(`/admin/reports/${run_id}/`);
  expect(await page.getByRole('progressbar').getAttribute('value')).toBe('0.4');
  expect(await page.locator('main').textContent()).toContain('40%');
  const plain = await (await page.request.get(`/admin/reports/${run_id}/`)).text();
  expect(plain).toContain('<noscript><meta http-equiv="refresh"');
  await sql(
    "UPDATE reconciler.runs SET status = 'failed', finished_at = clock_timestamp(), error = 'stopped by the test' WHERE run_id = $1",
    [run_id],
  );
  await page.getByText('stopped by the test').waitFor();
  expect(await page.getByRole('progressbar').count()).toBe(0);
}, 60_000);

test('one vendor is audited only if it is named', async () => {
  const client = await ConsoleClient.signedIn(system.url, 'admin');
  const form_token = await client.token();
  const send = (form: Record<string, string>) => client.post('/admin/reports/new/', { form_token, ...form });
  expect((await send({ scope: 'vendor' })).status).toBe(422);
  const answer = await send({ scope: 'vendor', vendor: String(vendor.id) });
  expect(answer.headers.get('location')).toBe(`/admin/vendors/${vendor.id}/verification/?full=true`);
});

test('an auditor reads reports and runs none; in Persian, too', async () => {
  const auditor = await ConsoleUser.signedIn(system.url, 'auditor', { language: 'fa-IR' });
  await auditor.open('/admin/reports/');
  expect(auditor.title).toBe('تطبیق حساب‌ها');
  expect(auditor.links('حسابرسی تازه')).toEqual([]);
  expect(await auditor.open('/admin/reports/new/')).toBe(403);
});
