import type { Route } from '@b2b-charge/http/route';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createRoutes as createAdminRoutes } from '../../services/backoffice/src/routes/index.ts';
import { createRoutes } from '../../services/gateway/src/routes/index.ts';
import { Caller } from './caller.ts';
import { type System, startSystem, type Vendor } from './system.ts';

/** Over all routes as they are registered, so that a new one is covered without anyone remembering it. */
const settings = { DEFAULT_REGION: 'IR', BUSINESS_TIMEZONE: 'Asia/Tehran' } as const;
const routes: Route[] = [...createRoutes(settings), ...createAdminRoutes(settings)].filter(
  ({ hidden }) => !hidden,
);
const named = (those: readonly Route[]) =>
  those.map((route): [string, Route] => [`${route.method} ${route.path}`, route]);

let system: System;
let mine: Vendor;
let theirs: Vendor;
/** What vendor B owns: its ids must open nothing to A. */
let owned: { transaction: string; key: string; credit: number; token: number; webhook: number };
beforeAll(async () => {
  system = await startSystem({ services: ['ledger', 'credits', 'reconciler', 'webhooks', 'gateway'] });
  mine = await system.vendor({ balance: '1000.00' });
  theirs = await system.vendor({ balance: '1000.00' });
  const sold = await theirs.api.sell({ phone_number: '+989351112233', amount: 123.45 }, 'their-key');
  const credit = await theirs.api.post('/api/credits/request/', { amount: 777.77 });
  const tokens = await system.admin.get(`/api/admin/vendors/${theirs.id}/tokens/`);
  const hook = await theirs.api.post('/api/webhooks/', {
    url: 'https://theirs.invalid/hook',
    event_types: ['charge-posted'],
  });
  await system.admin.post(
    `/api/admin/vendors/${theirs.id}/webhooks/${hook.data.webhook.id}/test/`,
    undefined,
  );
  owned = {
    transaction: sold.data.transaction_id,
    key: 'their-key',
    credit: credit.data.id,
    token: tokens.data.tokens[0].id,
    webhook: hook.data.webhook.id,
  };
});
afterAll(() => system?.[Symbol.asyncDispose]());

/** B's own value for a parameter of a path. An unknown kind fails, until someone says what it names. */
function theirValue(path: string, name: string): string {
  if (name === 'key') return owned.key;
  if (name === 'token_id') return String(owned.token);
  if (name === 'webhook_id') return String(owned.webhook);
  if (name === 'id' && path.startsWith('/api/webhooks/')) return String(owned.webhook);
  if (name === 'id' && /\/(charges|transactions)\//.test(path)) return owned.transaction;
  if (name === 'id' && path.includes('/credits/')) return String(owned.credit);
  if (name === 'id' && path.includes('/vendors/')) return String(theirs.id);
  if (name === 'id' && path.includes('/reports/')) return '1';
  if (name === 'id' && path.includes('/dead-letters/')) return '1-1-1';
  throw new Error(`say what :${name} names in ${path}`);
}

const target = (route: Route) =>
  route.path.replaceAll(/:([a-z_]+)/g, (_, name) => theirValue(route.path, name));

const BODIES: Record<string, unknown> = {
  sellCharge: { phone_number: '+989123456789', amount: 1, idempotency_key: 'tenancy' },
  sellBatch: { items: [{ phone_number: '+989123456789', amount: 2, idempotency_key: 'tenancy-2' }] },
  requestCredit: { amount: 5 },
  createVendor: { name: 'x' },
  updateVendor: { status: 'suspended' },
  setCreditLimit: { daily_limit: 0 },
  issueVendorToken: { name: 'stolen' },
  rejectCredit: { reason: 'x' },
  decideCredits: { ids: [1], decision: 'approve' },
  reverseTransaction: { reason: 'x' },
  startAudit: {},
  resubmitDeadLetter: { note: 'x' },
  createOwnWebhook: { url: 'https://mine.invalid/', event_types: ['charge-posted'] },
  createWebhook: { url: 'https://stolen.invalid/', event_types: ['charge-posted'] },
  updateWebhook: { url: 'https://stolen.invalid/' },
  rotateWebhookSecret: { overlap_s: 0 },
  replayWebhooks: { ids: [1] },
};

const send = (api: Caller, route: Route, query = '') => {
  const body = BODIES[route.operationId];
  if (route.body && body === undefined) throw new Error(`give ${route.operationId} a body here`);
  const url = route.path.startsWith('/api/admin/') ? system.base.backofficeUrl : system.url;
  return api.to(url).call(route.method, target(route) + query, body);
};

/** Everything of B's that anyone could have changed. */
async function theirState() {
  const { sql } = system.base.playground;
  const tables = [
    `SELECT * FROM ledger.vendors WHERE vendor_id = ${theirs.id}`,
    `SELECT * FROM ledger.transactions WHERE vendor_id = ${theirs.id} ORDER BY seq`,
    `SELECT * FROM credits.requests WHERE vendor_id = ${theirs.id} ORDER BY id`,
    `SELECT id, role, name, read_only, expires_at, revoked_at FROM gateway.tokens WHERE vendor_id = ${theirs.id} ORDER BY id`,
    `SELECT * FROM gateway.vendors WHERE id = ${theirs.id}`,
    `SELECT id, url, event_types, enabled, deleted_at FROM webhooks.endpoints WHERE vendor_id = ${theirs.id} ORDER BY id`,
    `SELECT id, event_id FROM webhooks.deliveries WHERE vendor_id = ${theirs.id} ORDER BY id`,
    `SELECT id, endpoint_id FROM webhooks.secrets WHERE endpoint_id = ${owned.webhook} ORDER BY id`,
  ];
  return Promise.all(tables.map(async (text) => (await sql(text)).rows));
}

/** Marks of B's data that no answer to A may bear. */
const marks = () => [
  'theirs.invalid',
  owned.transaction,
  '+989351112233',
  '123.45',
  '777.77',
  `"vendor_id":${theirs.id}`,
];
const own = routes.filter(({ access }) => access === 'vendor' || access === 'any');

test.each(named(own))("%s: a vendor's token gets nothing of another's", async (_, route) => {
  const before = await theirState();
  const answer = await send(mine.api, route);
  const isRefused = [403, 404].includes(answer.status);
  expect(route.params ? isRefused : answer.status < 500, `${answer.status} ${answer.text}`).toBe(true);
  for (const mark of marks()) expect(answer.text).not.toContain(mark);
  const asked = await send(mine.api, route, `?vendor_id=${theirs.id}`);
  expect([400, 403, 404], asked.text).toContain(asked.status);
  expect(await theirState()).toEqual(before);
});

test.each(named(routes.filter(({ access }) => access === 'admin')))(
  "%s: a vendor's token is refused",
  async (_, route) => {
    const before = await theirState();
    const answer = await send(mine.api, route);
    expect([answer.status, answer.code]).toEqual([403, 'FORBIDDEN']);
    expect(await theirState()).toEqual(before);
  },
);

test.each(named(routes.filter(({ access }) => access !== 'public')))(
  '%s: no token, no answer',
  async (_, route) => {
    const answer = await send(new Caller(system.url), route);
    expect([answer.status, answer.code]).toEqual([401, 'UNAUTHENTICATED']);
  },
);

test.each(named(routes.filter(({ access, method }) => access === 'vendor' && method !== 'GET')))(
  "%s: an admin's token does not act for a vendor",
  async (_, route) => expect((await send(system.admin, route)).code).toBe('FORBIDDEN'),
);

test('each of these has been tried', () => {
  expect(own.length).toBeGreaterThan(12);
  expect(own.filter(({ params }) => params).length).toBeGreaterThan(5);
});
