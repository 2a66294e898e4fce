import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Caller } from './caller.ts';
import { type System, startSystem } from './system.ts';

let system: System;
let other: { url: string } & AsyncDisposable;
beforeAll(async () => {
  system = await startSystem();
  other = await system.gateway();
});
afterAll(async () => {
  await other?.[Symbol.asyncDispose]();
  await system?.[Symbol.asyncDispose]();
});

const BALANCE = '/api/vendors/balance/';
const issue = async (vendorId: number, token: Record<string, unknown>) => {
  const issued = await system.admin.post(`/api/admin/vendors/${vendorId}/tokens/`, token);
  expect(issued.status).toBe(201);
  return issued.data as { id: number; token: string };
};

test('a token is random, prefix-tagged, shown once and stored hashed', async () => {
  const { id } = await system.vendor();
  const { token } = await issue(id, { name: 'till' });
  expect(token).toMatch(/^b2bv_[A-Za-z0-9_-]{43}$/);
  const listed = await system.admin.get(`/api/admin/vendors/${id}/tokens/`);
  expect(listed.data.tokens).toHaveLength(2);
  expect(listed.text).not.toContain(token.slice(5));
  const { rows } = await system.base.playground.sql('SELECT * FROM gateway.tokens');
  expect(rows.length).toBeGreaterThan(0);
  expect(JSON.stringify(rows)).not.toContain(token.slice(5));
});

test('a revoked token is refused on every gateway within a second', async () => {
  const { id } = await system.vendor();
  const { id: tokenId, token } = await issue(id, { name: 'till' });
  const callers = [system.url, other.url].map((url) => new Caller(url, token));
  for (const caller of callers) expect((await caller.get(BALANCE)).status).toBe(200);
  expect((await system.admin.delete(`/api/admin/vendors/${id}/tokens/${tokenId}/`)).status).toBe(200);
  const revokedAt = Date.now();
  for (const caller of callers) {
    await expect.poll(async () => (await caller.get(BALANCE)).status, { interval: 5 }).toBe(401);
  }
  expect(Date.now() - revokedAt).toBeLessThan(1_000);
  const again = await system.admin.delete(`/api/admin/vendors/${id}/tokens/${tokenId}/`);
  expect([again.status, Date.parse(again.data.revoked_at)]).toEqual([200, expect.closeTo(revokedAt, -3)]);
});

test('a token ends when it expires', async () => {
  const { id } = await system.vendor();
  const { token } = await issue(id, { name: 'short', expires_in: 1 });
  const caller = new Caller(system.url, token);
  expect((await caller.get(BALANCE)).status).toBe(200);
  await expect.poll(async () => (await caller.get(BALANCE)).status, { timeout: 3_000 }).toBe(401);
});

test('a read-only token reads and does not write', async () => {
  const { id } = await system.vendor({ balance: '5000.00' });
  const { token } = await issue(id, { name: 'reports', read_only: true });
  const caller = new Caller(system.url, token);
  expect((await caller.get(BALANCE)).status).toBe(200);
  for (const [path, body] of [
    ['/api/charges/sell/', { phone_number: '+989123456789', amount: 1 }],
    ['/api/credits/request/', { amount: 1 }],
  ] as const) {
    const refused = await caller.post(path, body);
    expect([refused.status, refused.code], path).toEqual([403, 'READ_ONLY_TOKEN']);
  }
  expect((await caller.get(BALANCE)).data.balance).toBe(5_000);
});

test('truncated, altered and foreign tokens are refused', async () => {
  const { token } = await system.vendor();
  const altered = token.slice(0, -1) + (token.endsWith('A') ? 'B' : 'A');
  for (const bad of [
    token.slice(0, -1),
    altered,
    `${token}a`,
    token.toUpperCase(),
    token.replace('b2bv_', 'b2ba_'),
    token.slice(5),
    `${token} ${token}`,
    `b2bv_${randomBytes(32).toString('base64url')}`,
  ]) {
    expect((await new Caller(system.url, bad).get(BALANCE)).status, bad).toBe(401);
  }
});

test('last use is recorded without a write per request', async () => {
  const { id, api } = await system.vendor();
  const used = async () => {
    const listed = await system.admin.get(`/api/admin/vendors/${id}/tokens/`);
    return listed.data.tokens[0].last_used_at as string | null;
  };
  await api.get(BALANCE);
  expect(await used()).toBeNull();
  await expect.poll(used, { timeout: 20_000, interval: 200 }).not.toBeNull();
});

test('a vendor has its tokens revoked by its own id only', async () => {
  const [mine, theirs] = [await system.vendor(), await system.vendor()];
  const { id } = await issue(theirs.id, { name: 'till' });
  expect((await system.admin.delete(`/api/admin/vendors/${mine.id}/tokens/${id}/`)).status).toBe(404);
  expect((await system.admin.post('/api/admin/vendors/2000000000/tokens/', { name: 'x' })).status).toBe(404);
});

test('creating a vendor twice under one key makes one vendor', async () => {
  const create = () =>
    system.admin.post('/api/admin/vendors/', { name: 'Mobile Plus' }, { 'idempotency-key': 'open-1' });
  const [one, two] = await Promise.all([create(), create()]);
  const three = await create();
  expect(new Set([one, two, three].map(({ data }) => data.vendor_id)).size).toBe(1);
  expect(three.headers.get('idempotent-replayed')).toBe('true');
});
