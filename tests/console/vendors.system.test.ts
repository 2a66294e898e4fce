import { afterAll, beforeAll, expect, test } from 'vitest';
import { ok, waitFor } from '../harness.ts';
import { ConsoleClient } from './client.ts';
import { type ConsoleSystem, startConsole } from './system.ts';
import { ConsoleUser } from './user.ts';

let system: ConsoleSystem;
let admin: ConsoleUser;

beforeAll(async () => {
  system = await startConsole({ services: ['ledger', 'credits', 'gateway'] });
  admin = await ConsoleUser.signedIn(system.url, 'admin');
});
afterAll(() => system?.[Symbol.asyncDispose]());

const sell = (token: string, amount = '1000.00') =>
  system.base.request('POST', '/api/charges/sell/', {
    token,
    body: { phone_number: '+989123456789', amount },
    headers: { 'idempotency-key': crypto.randomUUID() },
  });

const actsOn = async (target: string) => {
  const { rows } = await system.base.playground.sql(
    `SELECT a.act, a.operator, e.stage FROM backoffice.operator_acts a JOIN backoffice.operator_acts e ON e.completes = a.id
     WHERE a.target = $1 ORDER BY a.id`,
    [target],
  );
  return rows;
};

test('a vendor is opened, gets a token, sells with it, is suspended and sells again, all without a script', async () => {
  await admin.open('/admin/');
  await admin.follow('Vendors');
  await admin.follow('Open a vendor');
  admin.fill('Name', 'Corner Shop');
  admin.fill('Daily limit of sales', '۲٬۰۰۰٬۰۰۰');
  await admin.press('Open');
  expect(admin.title).toBe('Corner Shop');
  expect(admin.text('[role=status]')).toContain('The vendor is open');
  expect(admin.text('.stats')).toContain('of 2,000,000 a day');
  const id = Number(/vendors\/(\d+)\//.exec(admin.address)![1]);

  await admin.follow('Tokens');
  admin.fill('What it is for', 'till-1');
  await admin.press('Issue a token');
  const token = admin.text('#token');
  expect(token).toMatch(/^b2bv_/);
  await admin.follow('I have copied it');
  expect(admin.document.documentElement.outerHTML).not.toContain(token);

  const credit = ok(
    await system.base.request('POST', '/api/credits/request/', { token, body: { amount: '50000.00' } }),
  );
  ok(await system.base.request('POST', `/api/admin/credits/${credit.id}/approve`, { body: {} }));
  await waitFor(async () => (await sell(token)).status === 200);

  await admin.open(`/admin/vendors/${id}/`);
  await admin.follow('Suspend');
  expect(admin.text('.says')).toContain('Every sale of this vendor is refused');
  await admin.press('Suspend');
  expect(admin.text('[role=status]')).toContain('suspended');
  expect((await sell(token)).body.error.code).toBe('VENDOR_INACTIVE');
  await admin.follow('Let sell again');
  await admin.press('Let sell again');
  expect((await sell(token)).status).toBe(200);

  await admin.open(`/admin/vendors/${id}/tokens/`);
  await admin.follow('Revoke till-1');
  await admin.press('Revoke');
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
  await admin.open('/admin/vendors/new/');
  admin.fill('Name', '<b>Bold & "Sons"</b>');
  admin.fill('Daily limit of sales', 'a lot');
  await admin.press('Open');
  expect(admin.box('Name').value).toBe('<b>Bold & "Sons"</b>');
  expect(admin.box('Daily limit of sales').getAttribute('aria-invalid')).toBe('true');
  expect(admin.text('#e-daily_limit')).toContain('at most two decimals');
  admin.fill('Daily limit of sales', '');
  await admin.press('Open');
  expect(admin.title).toBe('<b>Bold & "Sons"</b>');
});

test('settings change the vendor at the door, in the books and for its credit, under the operator’s name', async () => {
  const vendor = await system.base.createVendor({ name: 'Before', balance: '500000.00' });
  await admin.open(`/admin/vendors/${vendor.id}/settings/`);
  admin.fill('Name', 'After');
  admin.fill('Daily limit of sales', '1,500');
  admin.choose('Idempotency key', 'Needed for every sale');
  admin.fill('Daily limit of credit', '10');
  await admin.press('Save');
  expect(admin.title).toBe('After');
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
  const auditor = await ConsoleUser.signedIn(system.url, 'auditor');
  await auditor.open(`/admin/vendors/${vendor.id}/`);
  const rows = () => auditor.rows(/^Transactions of this vendor/);
  expect(rows()).toHaveLength(25);
  await auditor.follow('Older');
  expect(rows()).toHaveLength(8);
  auditor.choose('Status', 'rejected');
  await auditor.press('Show');
  expect(rows()).toEqual([expect.stringContaining('The balance is not sufficient')]);
  const [link] = auditor.links('As CSV');
  const csv = await (await auditor.client.get(link!.getAttribute('href')!)).text();
  expect(csv.trim().split('\r\n')).toHaveLength(2);
  expect(csv).toContain('INSUFFICIENT_BALANCE');
  expect(auditor.links('Suspend')).toEqual([]);
});
