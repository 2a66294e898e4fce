import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, inject, test } from 'vitest';
import { Caller } from './caller.ts';
import { CuttableProxy } from './proxy.ts';
import { startSystem } from './system.ts';

const BAD = `b2bv_${'z'.repeat(43)}`;
const PATH = '/api/vendors/balance/';

test.each([
  ['bad tokens', BAD],
  ['requests without a token', undefined],
  ['malformed tokens', 'no token'],
])('%s from one address end in 429; known tokens go on', async (_name, token) => {
  await using system = await startSystem({ gateway: { AUTH_FAILURE_POINTS: '5' } });
  const { api } = await system.vendor();
  await api.get(PATH);
  const caller = new Caller(system.url, token);
  const statuses = [];
  for (let attempt = 0; attempt < 8; attempt++) statuses.push((await caller.get(PATH)).status);
  expect(statuses).toEqual([401, 401, 401, 401, 401, 401, 429, 429]);
  const refused = await caller.get(PATH);
  expect(refused.code).toBe('RATE_LIMITED');
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
  expect((await api.get(PATH)).status).toBe(200);
});

test('a flood without tokens writes a few lines of security.log and one that counts the rest', async () => {
  await using system = await startSystem();
  const caller = new Caller(system.url);
  for (let round = 0; round < 20; round++)
    await Promise.all(Array.from({ length: 50 }, () => caller.get(PATH)));
  const logFile = path.join(system.logDir, 'security.log');
  await expect.poll(() => readFile(logFile, 'utf8').catch(() => '')).toContain('RATE_LIMITED');
  const lines = (await readFile(logFile, 'utf8')).trim().split('\n');
  expect(lines.length).toBeLessThanOrEqual(10);
});

test('two gateways count one limit together, whatever their leases', async () => {
  await using system = await startSystem({
    gateway: { RATE_LIMIT_POINTS: '1000', RATE_LIMIT_WINDOW_S: '600' },
  });
  await using other = await system.gateway();
  const { api, token } = await system.vendor();
  const callers = [api, new Caller(other.url, token)];
  let allowed = 0;
  for (let round = 0; round < 60; round++) {
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, index) => callers[index % 2]!.get('/api/credits/?status=odd')),
    );
    allowed += answers.filter(({ status }) => status === 400).length;
    for (const { status } of answers) expect([400, 429]).toContain(status);
  }
  expect(allowed).toBeLessThanOrEqual(1_000);
  // What the leases of two gateways may leave unspent.
  expect(allowed).toBeGreaterThanOrEqual(980);
});

test('Redis away: a local limit takes over', async () => {
  const { proxy, url } = await CuttableProxy.to(inject('servers').redisUrl);
  await using _ = proxy;
  await using system = await startSystem({
    gateway: { REDIS_URL: url, RATE_LIMIT_POINTS: '30', RATE_LIMIT_WINDOW_S: '600' },
  });
  const { api } = await system.vendor();
  proxy.cut();
  await api.waitFor('/api/health/', (answer) => answer.data?.redis === 'down');
  const statuses = [];
  for (let request = 0; request < 40; request++) statuses.push((await api.get(PATH)).status);
  expect(statuses.filter((status) => status === 200).length).toBeLessThanOrEqual(30);
  expect(statuses.filter((status) => status === 429).length).toBeGreaterThanOrEqual(10);
});

test('a batch costs as much as its items', async () => {
  await using system = await startSystem({
    gateway: { RATE_LIMIT_POINTS: '10', RATE_LIMIT_WINDOW_S: '600' },
  });
  const { api } = await system.vendor();
  const items = Array.from({ length: 11 }, (_, index) => ({
    phone_number: '+989123456789',
    amount: index + 1,
  }));
  const refused = await api.post('/api/charges/sell/batch/', { items });
  expect([refused.status, refused.code]).toEqual([429, 'RATE_LIMITED']);
});

test('host names that are not allowed are refused, and nobody chooses their own address', async () => {
  await using system = await startSystem({ gateway: { ALLOWED_HOSTS: '127.0.0.1,.shop.example' } });
  const { port } = new URL(system.url);
  const { get } = await import('./raw-http.ts').then(({ rawHttp }) => rawHttp(Number(port)));
  expect((await get('/api/health/', { host: 'evil.example' })).status).toBe(400);
  expect((await get('/api/health/', { host: `127.0.0.1:${port}` })).status).toBe(200);
  expect((await get('/api/health/', { host: 'api.shop.example' })).status).toBe(200);
  expect((await get('/api/health/', { host: 'shop.example' })).status).toBe(200);
  expect((await get('/api/health/', { host: 'notshop.example' })).status).toBe(400);
});

test('CORS: only configured origins, with a preflight; none by default', async () => {
  const origin = 'https://shop.example';
  await using closed = await startSystem();
  const without = await new Caller(closed.url).call('GET', '/api/health/', undefined, { origin });
  expect(without.headers.get('access-control-allow-origin')).toBeNull();
  await using open = await closed.gateway({ CORS_ORIGINS: origin });
  const caller = new Caller(open.url);
  const preflight = await caller.call('OPTIONS', '/api/charges/sell/', undefined, {
    origin,
    'access-control-request-method': 'POST',
  });
  expect([preflight.status, preflight.headers.get('access-control-allow-origin')]).toEqual([204, origin]);
  const answer = await caller.call('GET', '/api/health/', undefined, { origin });
  expect(answer.headers.get('access-control-allow-origin')).toBe(origin);
  const other = await caller.call('GET', '/api/health/', undefined, { origin: 'https://evil.example' });
  expect(other.headers.get('access-control-allow-origin')).toBeNull();
});
