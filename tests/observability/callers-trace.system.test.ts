import { randomBytes } from 'node:crypto';
import { HEADERS, laneOf, type VendorId } from '@b2b-charge/contracts';
import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { headers } from '@nats-io/transport-node';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ConsoleClient } from '../console/client.ts';
import { type ConsoleSystem, startConsole } from '../console/system.ts';
import { ok, type TestVendor, waitFor } from '../harness.ts';

let system: ConsoleSystem;
let operator: ConsoleClient;
beforeAll(async () => {
  system = await startConsole({ services: ['ledger', 'credits', 'reconciler', 'gateway'] });
  operator = await ConsoleClient.signedIn(system.url, 'admin');
}, 120_000);
afterAll(() => system?.[Symbol.asyncDispose]());

type Source = 'gateway' | 'backoffice' | 'credits' | 'reconciler';
const hex = (bytes: number) => randomBytes(bytes).toString('hex');
const subjectOf = (source: Source, vendorId: number) =>
  system.base.playground.subjects.command(laneOf(vendorId as VendorId, 16), source, vendorId as VendorId);

/** The trace context of the newest command of a source for a vendor, as it stands in the command log. */
async function traceInLog(source: Source, vendorId: number): Promise<string | undefined> {
  const { nc, subjects } = system.base.playground;
  const manager = await jetstreamManager(nc);
  const query = { last_by_subj: subjectOf(source, vendorId) };
  const message = await manager.streams.getMessage(subjects.streams.commands, query);
  return message?.header.get(HEADERS.traceparent);
}

const admin = async (method: string, path: string, body: object, traceparent: string) =>
  ok(await system.base.request(method, path, { body, headers: { traceparent } }));

async function submit(path: string, form: Record<string, string>, traceparent: string): Promise<string> {
  const page = await operator.post(path, { form_token: await operator.token(), ...form }, { traceparent });
  if (page.status !== 303) throw new Error(`${path} answered ${page.status}: ${await page.text()}`);
  return page.headers.get('location')!;
}

async function sold({ token }: TestVendor): Promise<string> {
  const body = { phone_number: '+989123456789', amount: 10 };
  return ok(await system.base.request('POST', '/api/charges/sell/', { token, body })).transaction_id;
}

const creditOf = async ({ token }: TestVendor): Promise<number> =>
  ok(await system.base.request('POST', '/api/credits/request/', { token, body: { amount: 7 } })).id;

/** A command that cannot be executed, in the log. Returns the id of its dead letter. */
async function deadLetterOf({ id }: TestVendor): Promise<string> {
  const key = `dead-${hex(4)}`;
  const head = headers();
  head.set(HEADERS.messageId, key);
  head.set(HEADERS.contentType, 'application/json; schema=charge.v1');
  head.set(HEADERS.traceparent, `00-${hex(16)}-${hex(8)}-01`);
  const body = JSON.stringify({ phone_number: '+989123456789', amount: '5.00' });
  const wrongLane = subjectOf('gateway', id).replace(/\.\d+\./, `.${(laneOf(id as VendorId, 16) + 1) % 16}.`);
  await jetstream(system.base.playground.nc).publish(wrongLane, body, { headers: head });
  let found: string | undefined;
  await waitFor(async () => {
    const { dead_letters } = ok(await system.base.request('GET', '/api/admin/dead-letters/'));
    found = dead_letters.find((one: { message_id: string }) => one.message_id === key)?.id;
    return found !== undefined;
  });
  return found!;
}

const key = () => ({ key: hex(8) });
const reason = { reason: 'wrong number' };
const note = { note: 'right lane now' };

/** Each sends a command for the vendor, or names the new vendor that it was for. */
const ACTS: [string, Source, (vendor: TestVendor, traceparent: string) => Promise<number | undefined>][] = [
  [
    'opening a vendor',
    'backoffice',
    async (_, trace) => (await admin('POST', '/api/admin/vendors/', { name: 'New' }, trace)).vendor_id,
  ],
  [
    'changing a vendor',
    'backoffice',
    async ({ id }, trace) =>
      void (await admin('PATCH', `/api/admin/vendors/${id}/`, { name: 'Other' }, trace)),
  ],
  [
    'suspending a vendor',
    'backoffice',
    async ({ id }, trace) => void (await admin('POST', `/api/admin/vendors/${id}/suspend/`, {}, trace)),
  ],
  [
    'reversing a charge',
    'backoffice',
    async (vendor, trace) =>
      void (await admin('POST', `/api/admin/transactions/${await sold(vendor)}/reverse/`, reason, trace)),
  ],
  [
    'approving a credit',
    'credits',
    async (vendor, trace) =>
      void (await admin('POST', `/api/admin/credits/${await creditOf(vendor)}/approve/`, {}, trace)),
  ],
  [
    'approving many credits',
    'credits',
    async (vendor, trace) => {
      const body = { ids: [await creditOf(vendor)], decision: 'approve' };
      await admin('POST', '/api/admin/credits/bulk/', body, trace);
      return undefined;
    },
  ],
  [
    'resubmitting a dead letter',
    'gateway',
    async (vendor, trace) => {
      const letter = await deadLetterOf(vendor);
      await admin('POST', `/api/admin/dead-letters/${letter}/resubmit/`, note, trace);
      return undefined;
    },
  ],
  [
    'opening a vendor in the console',
    'backoffice',
    async (_, trace) =>
      Number((await submit('/admin/vendors/new/', { ...key(), name: 'New' }, trace)).match(/\d+/)![0]),
  ],
  [
    'suspending a vendor in the console',
    'backoffice',
    async ({ id }, trace) => void (await submit(`/admin/vendors/${id}/suspend/`, {}, trace)),
  ],
  [
    'reversing a charge in the console',
    'backoffice',
    async (vendor, trace) => {
      const path = `/admin/transactions/${await sold(vendor)}/reverse/`;
      await submit(path, { ...key(), ...reason }, trace);
      return undefined;
    },
  ],
  [
    'approving a credit in the console',
    'credits',
    async (vendor, trace) =>
      void (await submit('/admin/credits/approve/', { id: String(await creditOf(vendor)) }, trace)),
  ],
  [
    'resubmitting a dead letter in the console',
    'gateway',
    async (vendor, trace) =>
      void (await submit(`/admin/dead-letters/${await deadLetterOf(vendor)}/resubmit/`, note, trace)),
  ],
  [
    'having a balance rebuilt in the console',
    'reconciler',
    async ({ id }, trace) => {
      const { run_id } = ok(await system.base.request('GET', '/api/admin/balance/verify/'));
      const { sql } = system.base.playground;
      await sql('UPDATE ledger.vendors SET balance = balance + 1 WHERE vendor_id = $1', [id]);
      await submit(`/admin/reports/${run_id}/fix/`, {}, trace);
      return undefined;
    },
  ],
];

test.each(ACTS)("%s: the caller's trace stands in the command", async (_, source, act) => {
  const vendor = await system.base.createVendor({ balance: '100.00' });
  const traceId = hex(16);
  const vendorId = (await act(vendor, `00-${traceId}-${hex(8)}-01`)) ?? vendor.id;
  await expect.poll(() => traceInLog(source, vendorId), { timeout: 20_000 }).toContain(traceId);
});
