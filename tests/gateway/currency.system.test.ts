import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { CallReply } from '@b2b-charge/contracts';
import { connectNats } from '@b2b-charge/runtime';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { ok, type System, startSystem, type TestVendor, waitFor } from '../harness.ts';

const SERVICES = ['ledger', 'credits', 'reconciler', 'webhooks', 'backoffice', 'gateway'] as const;
const CURRENCY = 'XTS';
/** Fields that hold an amount, a balance, a limit or a total. */
const AMOUNTS =
  /^(amount|(calculated_)?balance(_before|_after)?|discrepancy|daily_limit|charged(_today)?|credited|reversed|stored_total|calculated_total)$/;

const stack = new AsyncDisposableStack();
let system: System;
let vendor: TestVendor;
let credit: number;
let sale: string;
beforeAll(async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'currency-'));
  stack.defer(() => rm(folder, { recursive: true, force: true }));
  const settings = { CURRENCY, SIGNING_KEY_FILE: path.join(folder, 'key.pem') };
  const environment = Object.fromEntries(SERVICES.map((service) => [service, settings]));
  system = stack.use(await startSystem({ environment, services: SERVICES }));
  vendor = await system.createVendor({ balance: '1000.00', dailyLimit: '500' });
  sale = (await own('POST', '/api/v1/charges/sell/', { ...PHONE, amount: 10 })).transaction_id;
  credit = (await own('POST', '/api/v1/credits/request/', { amount: 7 })).id;
}, 60_000);
afterAll(() => stack.disposeAsync());

const PHONE = { phone_number: '+989123456789' };
const own = async (method: string, at: string, body?: object) =>
  ok(await system.request(method, at, { token: vendor.token, body }));
const admin = async (method: string, at: string, body?: object) =>
  ok(await system.request(method, at, { body }));

/** Returns the objects that have an amount and no currency. A command's details are as they were recorded. */
function unnamed(value: unknown, at = 'data'): string[] {
  if (value === null || typeof value !== 'object') return [];
  const fields = Object.entries(value);
  const silent = fields.some(([name]) => AMOUNTS.test(name)) && !('currency' in value);
  return [
    ...(silent ? [at] : []),
    ...('currency' in value && value.currency !== CURRENCY ? [`${at}: ${value.currency}`] : []),
    ...fields.flatMap(([name, item]) => (name === 'details' ? [] : unnamed(item, `${at}.${name}`))),
  ];
}

const answers: [string, () => Promise<unknown>][] = [
  ['a sale', () => own('POST', '/api/v1/charges/sell/', { ...PHONE, amount: 11 })],
  ['a batch', () => own('POST', '/api/v1/charges/sell/batch/', { items: [{ ...PHONE, amount: 12 }] })],
  ['a charge', () => own('GET', `/api/v1/charges/${sale}/`)],
  ['the balance', () => own('GET', '/api/v1/vendors/balance/')],
  ['a balance of then', () => own('GET', '/api/v1/vendors/balance/?at=2099-01-01')],
  ['a list with its summary', () => own('GET', '/api/v1/transactions/?summary=true')],
  ['a credit request', () => own('GET', `/api/v1/credits/${credit}/`)],
  ['credit requests', () => own('GET', '/api/v1/credits/')],
  ['a verification', () => own('GET', '/api/v1/balance/verify/')],
  ['an audit', () => admin('GET', '/api/v1/admin/balance/verify/')],
  ['audits', () => admin('GET', '/api/v1/admin/reports/')],
  ['vendors', () => admin('GET', '/api/v1/admin/vendors/')],
  ['a vendor', () => admin('PATCH', `/api/v1/admin/vendors/${vendor.id}/`, { name: 'Other' })],
  [
    'a credit limit',
    () => admin('POST', `/api/v1/admin/vendors/${vendor.id}/credit-limit/`, { daily_limit: 9000 }),
  ],
  ['decisions', () => admin('POST', '/api/v1/admin/credits/bulk/', { ids: [credit], decision: 'approve' })],
  ['transactions of all', () => admin('GET', '/api/v1/admin/transactions/?summary=true')],
];

test.each(answers)('%s names the currency beside every amount', async (_, call) => {
  const data = await call();
  expect(JSON.stringify(data)).toContain(`"currency":"${CURRENCY}"`);
  expect(unnamed(data)).toEqual([]);
});

test('a refusal that names a balance names its currency', async () => {
  const body = { ...PHONE, amount: 400_000 };
  const { body: refused } = await system.request('POST', '/api/v1/charges/sell/', {
    token: vendor.token,
    body,
  });
  expect(refused.error.code).toBe('INSUFFICIENT_BALANCE');
  expect(refused.error.details).toMatchObject({ balance: expect.any(Number), currency: CURRENCY });
});

test('a CSV has the currency in a column of its own', async () => {
  const { body } = await system.request('GET', '/api/v1/transactions/?format=csv', { token: vendor.token });
  const [head, ...rows] = String(body).trim().split('\r\n');
  const place = head!.split(',').indexOf('currency');
  expect(rows.length).toBeGreaterThan(2);
  expect(new Set(rows.map((row) => row.split(',')[place]))).toEqual(new Set([CURRENCY]));
});

test('a receipt, a checkpoint and a report state it', async () => {
  await waitFor(async () => (await system.request('GET', '/api/v1/admin/audit/checkpoint/')).status === 200);
  const { statement, checkpoint } = await own('GET', `/api/v1/transactions/${sale}/receipt/`);
  for (const signed of [statement, checkpoint.statement])
    expect(signed.split('\n')).toContain(`currency: ${CURRENCY}`);
  const { body } = await system.request('GET', '/api/v1/admin/reports/latest/?format=text');
  expect(body).toMatch(new RegExp(`Stored Total: [0-9.,]+ ${CURRENCY}`));
});

test('what a webhook is sent names it', async () => {
  const url = 'https://93.184.215.14/hook';
  await own('POST', '/api/v1/webhooks/', { url, event_types: ['charge-posted'] });
  await own('POST', '/api/v1/charges/sell/', { ...PHONE, amount: 13 });
  const bodies = async () => (await system.playground.sql('SELECT body FROM webhooks.deliveries')).rows;
  await waitFor(async () => (await bodies()).length > 0);
  const { data } = JSON.parse((await bodies())[0].body);
  expect(data).toMatchObject({ amount: '13.00', currency: CURRENCY });
});

test.each([
  ['ledger.query.vendor', () => ({ vendor_id: vendor.id })],
  ['credits.list', () => ({})],
  ['audit.runs', () => ({})],
] as const)('the reply to %s over NATS names it', async (name, request) => {
  const { natsUrl, natsSeeds } = inject('servers');
  const nc = await connectNats({ user: 'backoffice', url: natsUrl, nkeySeed: natsSeeds.backoffice });
  try {
    const { subjects } = system.playground;
    const reply = await nc.request(subjects.call(name), JSON.stringify(request()));
    expect(reply.json<CallReply>()).toMatchObject({ ok: true, currency: CURRENCY });
  } finally {
    await nc.close();
  }
});
