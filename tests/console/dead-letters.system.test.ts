import { contentType, HEADERS, laneOf } from '@b2b-charge/contracts';
import { jetstream } from '@nats-io/jetstream';
import { headers } from '@nats-io/transport-node';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ok, type TestVendor, waitFor } from '../harness.ts';
import { type ConsoleWithVendor, startConsoleWithVendor } from './system.ts';
import { ConsoleUser } from './user.ts';

let system: ConsoleWithVendor;
let vendor: TestVendor;
let admin: ConsoleUser;

beforeAll(async () => {
  system = await startConsoleWithVendor({ services: ['ledger', 'credits', 'gateway'] });
  ({ vendor, admin } = system);
});
afterAll(() => system?.[Symbol.asyncDispose]());

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
const charge = JSON.stringify({ phone_number: '+989123456789', amount: '700.00' });

test('one is found by its reason and looked into, without phone numbers and without secrets', async () => {
  const id = await deadLetter(vendor.id, 'broken', '{"amount":"much","phone_number":"+989123456789"}');
  const bytes = await deadLetter(vendor.id, 'bytes', '\u0000\u0001<script>alert(1)</script>');
  await admin.open('/admin/dead-letters/');
  admin.choose('Reason', 'UNKNOWN_VENDOR');
  await admin.press('Show');
  expect(admin.text()).toContain('None has this reason.');
  admin.choose('Reason', 'MALFORMED');
  await admin.press('Show');
  await admin.follow(id);
  for (const part of ['broken', 'Northwind', '"amount": "much"', '+98912***89', '•••', 'malformed'])
    expect(admin.text()).toContain(part);
  const source = admin.document.documentElement.outerHTML;
  expect(source).not.toContain('+989123456789');
  expect(source).not.toContain('somebodys secret');
  await admin.open(`/admin/dead-letters/${bytes}/`);
  expect(admin.text()).toContain('00 01 3c 73');
});

test('one that can be executed by now is sent again behind a page that shows it, once, and is in the trail', async () => {
  const id = await deadLetter(vendor.id + 1, 'too-early', charge);
  await admin.open(`/admin/dead-letters/${id}/`);
  await admin.follow('Send again');
  expect(admin.text()).toContain(`there is no vendor ${vendor.id + 1}`);

  const late = await system.base.createVendor({ name: 'Late', balance: '1000' });
  const balance = async () =>
    ok(await system.base.request('GET', '/api/vendors/balance/', { token: late.token })).balance;
  await admin.open(`/admin/dead-letters/${id}/resubmit/`);
  expect(admin.text('.says')).toContain('nothing is done twice');
  expect(admin.text()).toContain('"amount": "700.00"');
  expect(await balance()).toBe(1_000);
  admin.fill('Why', 'The vendor exists by now');
  await admin.press('Send again');
  expect(admin.text('p.notice')).toContain('Sent again');
  await waitFor(async () => (await balance()) === 300);
  await admin.follow('See its outcome');
  expect(admin.rows()[0]).toContain('700');

  await admin.open(`/admin/dead-letters/${id}/resubmit/`);
  expect(admin.text()).toContain('was sent again already');
  await admin.follow('once more all the same');
  expect(admin.text()).toContain('has an outcome');
  expect(await balance()).toBe(300);
  await admin.open(`/admin/trail/?target=dead-letter:${id}`);
  for (const part of ['dead-letter.resubmit', 'done', 'The vendor exists by now'])
    expect(admin.rows()[0]).toContain(part);
});

test('an auditor looks and sends nothing; in Persian, too', async () => {
  const id = await deadLetter(vendor.id, 'for-the-auditor', '{}');
  const auditor = await ConsoleUser.signedIn(system.url, 'auditor');
  await auditor.open(`/admin/dead-letters/${id}/`);
  expect(auditor.links('Send again')).toEqual([]);
  expect(await auditor.open(`/admin/dead-letters/${id}/resubmit/`)).toBe(403);
  await auditor.open('/admin/dead-letters/');
  await auditor.press('فارسی');
  expect(auditor.rows()[0]).toContain('بدساخت');
});
