import { replyToPending } from '@b2b-charge/http/commands/command-reply';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createRoutes } from '../../services/gateway/src/routes/index.ts';
import { type Answer, Caller } from './caller.ts';
import { type System, startSystem } from './system.ts';

let system: System;
beforeAll(async () => {
  system = await startSystem({ gateway: { AUTH_FAILURE_POINTS: '1000000' } });
});
afterAll(() => system?.[Symbol.asyncDispose]());

const routes = createRoutes({ DEFAULT_REGION: 'IR', BUSINESS_TIMEZONE: 'Asia/Tehran' });
const api = routes.filter(({ path }) => path.startsWith('/api/'));
const OPERATIONAL = ['/api/health/', '/api/metrics/'];
const v1 = (path: string) => path.replace('/api/', '/api/v1/');
const told = ({ status, code, headers }: Answer) => [status, code, headers.get('allow')];

test('every path of the API answers under v1 as without it, with and without the trailing slash', async () => {
  const caller = new Caller(system.url);
  const paths = new Set(api.map(({ path }) => path.replaceAll(/:[a-z_]+/g, '7')));
  expect(paths.size).toBeGreaterThan(18);
  for (const path of paths) {
    if (OPERATIONAL.includes(path)) continue;
    for (const method of ['GET', 'PUT']) {
      const known = told(await caller.call(method, path));
      expect(known[0], path).not.toBe(404);
      for (const other of [v1(path), v1(path).slice(0, -1), path.slice(0, -1)]) {
        expect(told(await caller.call(method, other)), `${method} ${other}`).toEqual(known);
      }
    }
  }
});

test('health and metrics have one path each, which a proxy can close', async () => {
  const caller = new Caller(system.url);
  for (const path of OPERATIONAL) {
    expect((await caller.get(path)).status).toBe(200);
    expect((await caller.get(v1(path))).status).toBe(404);
  }
});

test('a sale is one sale under either path, and counts as one operation', async () => {
  const { api: vendor } = await system.vendor({ balance: '1000.00' });
  const sale = { phone_number: '+989123456789', amount: 10, idempotency_key: 'either' };
  const first = await vendor.post('/api/v1/charges/sell/', sale);
  const again = await vendor.post('/api/charges/sell', sale);
  expect([again.status, again.data]).toEqual([200, first.data]);
  expect(again.headers.get('idempotent-replayed')).toBe('true');
  const { text } = await new Caller(system.url).get('/api/metrics/');
  const labels = [...text.matchAll(/operation="([^"]+)"/g)].map(([, name]) => name);
  const sales = new Set(labels.filter((name) => name?.includes('sell')));
  expect([...sales]).toEqual(['sellCharge']);
});

test('the document, its links and the place of a pending sale name v1', async () => {
  const { body } = await new Caller(system.url).get('/openapi.json');
  const unversioned = Object.keys(body.paths).filter((path) => !path.startsWith('/api/v1/'));
  expect(unversioned).toEqual(OPERATIONAL);
  const pending = replyToPending('order 1', Date.parse('2026-11-23T12:00:00Z'));
  const location = '/api/v1/charges/by-key/order%201/?expires_at=2026-11-23T12:00:00.000Z';
  expect(pending).toMatchObject({ data: { location }, headers: { location } });
  const { api: vendor } = await system.vendor();
  expect((await vendor.get(location)).code).toBe('NEVER_EXECUTED');
});
