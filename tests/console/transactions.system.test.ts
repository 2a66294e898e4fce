import { afterAll, beforeAll, expect, test } from 'vitest';
import { ok, type TestVendor } from '../harness.ts';
import { ConsoleClient } from './client.ts';
import { type ConsoleWithVendor, startConsoleWithVendor } from './system.ts';
import type { ConsoleUser } from './user.ts';

let system: ConsoleWithVendor;
let vendor: TestVendor;
let admin: ConsoleUser;

beforeAll(async () => {
  system = await startConsoleWithVendor({ services: ['ledger', 'credits', 'reconciler', 'gateway'] });
  ({ vendor, admin } = system);
});
afterAll(() => system?.[Symbol.asyncDispose]());

async function sell(amount: string, key: string, phone_number = '+989123456789'): Promise<string> {
  const { token } = vendor;
  const body = { phone_number, amount };
  const headers = { 'idempotency-key': key };
  const sold = await system.base.request('POST', '/api/charges/sell/', { token, body, headers });
  return ok(sold).transaction_id;
}
const balanceOf = async () =>
  ok(await system.base.request('GET', '/api/vendors/balance/', { token: vendor.token })).balance;

test('a sale is found by its id, by its key and by its phone number', async () => {
  const id = await sell('20000', 'order-1', '+989350000001');
  await admin.open('/admin/transactions/');
  admin.fill('Transaction', id.toUpperCase());
  await admin.press('Show');
  expect(admin.address).toBe(`/admin/transactions/${id}/`);
  expect(admin.title).toBe('Charge, 20,000 Toman');
  for (const part of ['Northwind', 'order-1', '+989350000001', '480,000', 'gateway', 'Lane'])
    expect(admin.text()).toContain(part);
  const [row] = (
    await system.base.playground.sql(
      "SELECT encode(hash, 'hex') AS hash, stream_seq FROM ledger.transactions WHERE id = $1",
      [id],
    )
  ).rows;
  expect(admin.text()).toContain(row.hash);

  await admin.open('/admin/transactions/');
  admin.fill('Key', 'order-1');
  await admin.press('Show');
  expect(admin.text('.wrong')).toContain('within a vendor');
  admin.fill("Vendor's number", String(vendor.id));
  await admin.press('Show');
  expect(admin.rows()).toEqual([expect.stringContaining('order-1')]);

  await admin.open('/admin/transactions/?phone=0935+000+0001');
  expect(admin.rows()).toHaveLength(1);
  await admin.open('/admin/transactions/?phone=nonsense');
  expect(admin.text('.wrong')).toContain('valid phone number');
});

test('a sale is found by its reference and by the token that sold it', async () => {
  const { token } = vendor;
  const body = { phone_number: '+989350000002', amount: '100', reference: 'till 9' };
  const headers = { 'idempotency-key': 'order-ref' };
  const sold = ok(await system.base.request('POST', '/api/charges/sell/', { token, body, headers }));
  await admin.open('/admin/transactions/');
  admin.fill('Reference', 'till 9');
  await admin.press('Show');
  const [found] = admin.all('tbody a[href*="/admin/transactions/"]');
  expect(admin.rows()).toHaveLength(1);
  expect(found!.getAttribute('href')).toContain(sold.transaction_id);
  await admin.open(`/admin/transactions/${sold.transaction_id}/`);
  const principal = /token:\d+/.exec(admin.text())![0];
  await admin.open(`/admin/transactions/?principal=${principal}&reference=till+9`);
  expect(admin.rows()[0]).toContain('order-ref');
  await admin.open('/admin/transactions/?principal=token:999999');
  expect(admin.text()).toContain('No transaction looks like that.');
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
  await admin.open(`/admin/transactions/${id}/`);
  await admin.follow('Reverse');
  expect(admin.text('.says')).toContain('45,000.50 Toman is given back to Northwind.');
  expect(admin.text('.says')).toContain('becomes');
  expect(await balanceOf()).toBe(before);
  admin.fill('Reason', 'Wrong number');
  await admin.press(/^Give/);
  expect(admin.text('p.notice')).toContain('Given back');
  expect(admin.title).toContain('Reversal');
  expect(await balanceOf()).toBe(before + 45_000.5);

  await admin.open(`/admin/transactions/${id}/`);
  expect(admin.text()).toContain('Given back by');
  expect(admin.links('Reverse')).toEqual([]);
  expect(await admin.open(`/admin/transactions/${id}/reverse/`)).toBe(409);
  expect(admin.text()).toContain('given back already');
  await admin.open(`/admin/trail/?target=transaction:${id}`);
  for (const part of ['transaction.reverse', 'done', 'Wrong number']) expect(admin.rows()[0]).toContain(part);
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
  await admin.open(`/admin/transactions/?vendor=${vendor.id}&type=charge`);
  expect(admin.rows()).toHaveLength(50);
  await admin.follow('Older');
  expect(admin.rows().length).toBeGreaterThan(0);
  const client = await ConsoleClient.signedIn(system.url, 'auditor');
  const file = await client.get(`/admin/transactions.csv?vendor=${vendor.id}&type=charge`);
  expect((await file.text()).split('\r\n').length).toBeGreaterThan(53);
});
