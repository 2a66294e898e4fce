import { connect } from 'node:net';
import { jetstreamManager } from '@nats-io/jetstream';
import { afterEach, expect, inject, test } from 'vitest';
import { Caller } from './caller.ts';
import { CuttableProxy } from './proxy.ts';
import { type System, startSystem } from './system.ts';

/** What happens when something is away, slow or killed. Each test has a system of its own. */
let stack = new AsyncDisposableStack();
afterEach(async () => {
  const used = stack;
  stack = new AsyncDisposableStack();
  await used.disposeAsync();
});

const sale = (amount: number) => ({ phone_number: '+989123456789', amount });
const laneLagMs = (metrics: string) =>
  1_000 * Number(/^b2b_gateway_lane_lag_seconds ([\d.]+)/m.exec(metrics)?.[1]);
/** The system without a ledger, which the test starts and stops; and one more gateway, set up for it. */
const startLedgerless = async (gateway: Record<string, string>) => {
  const system = await start({ services: ['credits', 'gateway'] });
  const ledger = await system.ledger();
  const { api, token } = await system.vendor({ balance: '5000.00' });
  await ledger[Symbol.asyncDispose]();
  const other = await system.gateway(gateway);
  stack.defer(() => other[Symbol.asyncDispose]());
  return { system, api, there: new Caller(other.url, token), other };
};
const start = async (options?: Parameters<typeof startSystem>[0]): Promise<System> =>
  stack.use(await startSystem(options));
const through = async (url: string) => {
  const { proxy, url: mine } = await CuttableProxy.to(url);
  stack.use(proxy);
  return { proxy, url: mine };
};

test('two gateways: one key has one outcome, whichever is asked, at once or one after the other', async () => {
  const system = await start();
  const other = stack.use(await system.gateway());
  const { api, token } = await system.vendor({ balance: '5000.00' });
  const there = new Caller(other.url, token);
  const answers = await Promise.all(
    Array.from({ length: 20 }, (_, index) => (index % 2 === 0 ? api : there).sell(sale(100), 'once')),
  );
  expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
  expect(answers[0]!.status).toBe(200);
  const later = await there.sell(sale(100), 'once');
  expect([later.text, later.headers.get('idempotent-replayed')]).toEqual([answers[0]!.text, 'true']);
  const unkeyed = await Promise.all([api.sell(sale(200)), there.sell(sale(200))]);
  expect(unkeyed.map(({ status }) => status).toSorted()).toEqual([200, 409]);
  expect((await api.get('/api/vendors/balance/')).data.balance).toBe(4_700);
});

test('a repeat after a restart of the gateway gets the first outcome, from the ledger if Redis forgot it', async () => {
  const system = await start({ gateway: { IDEMPOTENCY_TIMEOUT: '0' } });
  const { token } = await system.vendor({ balance: '5000.00' });
  const before = await system.gateway();
  const first = await new Caller(before.url, token).sell(sale(100), 'key');
  await before[Symbol.asyncDispose]();
  const after = stack.use(await system.gateway());
  const repeat = await new Caller(after.url, token).sell(sale(100), 'key');
  expect([repeat.status, repeat.text]).toEqual([200, first.text]);
  expect(repeat.headers.get('idempotent-replayed')).toBe('true');
  expect((await new Caller(after.url, token).sell(sale(101), 'key')).code).toBe('IDEMPOTENCY_KEY_REUSED');
});

test('Redis away: sales with a key go on and repeat exactly, sales without get 503; and it comes back', async () => {
  const redis = await through(inject('servers').redisUrl);
  const system = await start({ gateway: { REDIS_URL: redis.url } });
  const { api } = await system.vendor({ balance: '5000.00' });
  const first = await api.sell(sale(100), 'before');
  redis.proxy.cut();
  await api.waitFor('/api/health/', (answer) => answer.data?.redis === 'down');
  expect((await api.get('/api/health/')).status).toBe(200);
  const repeat = await api.sell(sale(100), 'before');
  expect([repeat.status, repeat.text, repeat.headers.get('idempotent-replayed')]).toEqual([
    200,
    first.text,
    'true',
  ]);
  expect((await api.sell(sale(150), 'during')).status).toBe(200);
  const unkeyed = await api.sell(sale(200));
  expect([unkeyed.status, unkeyed.code]).toEqual([503, 'UNAVAILABLE']);
  expect(unkeyed.headers.get('retry-after')).toBe('1');
  expect(unkeyed.headers.get('ratelimit-limit')).toBe('600000');
  redis.proxy.mend();
  await api.waitFor('/api/health/', (answer) => answer.data?.redis === 'ok');
  expect((await api.sell(sale(200))).status).toBe(200);
  expect((await api.get('/api/vendors/balance/')).data.balance).toBe(4_550);
});

test('Redis hangs: after a second it counts as away, and sales with a key go on', async () => {
  const redis = await through(inject('servers').redisUrl);
  const system = await start({ gateway: { REDIS_URL: redis.url } });
  const { api } = await system.vendor({ balance: '5000.00' });
  redis.proxy.stall();
  const started = Date.now();
  const [keyed, unkeyed] = await Promise.all([api.sell(sale(100), 'key'), api.sell(sale(200))]);
  expect([keyed.status, unkeyed.status]).toEqual([200, 503]);
  expect(Date.now() - started).toBeLessThan(4_000);
});

test('Redis may be idle for longer than its time-out', async () => {
  const { createRedis } = await import('@b2b-charge/http/redis');
  const states: string[] = [];
  const redis = createRedis(inject('servers').redisUrl, (state) => states.push(state));
  stack.defer(() => redis.disconnect());
  await expect.poll(() => states).toEqual(['up']);
  const started = Date.now();
  await expect.poll(() => Date.now() - started, { timeout: 5_000 }).toBeGreaterThan(2_500);
  expect(await redis.ping()).toBe('PONG');
  expect(states).toEqual(['up']);
});

test('no outcome within the wait: 202 with where to ask and until when; then the outcome, by key', async () => {
  const { system, api, there } = await startLedgerless({ CHARGE_WAIT_MS: '300' });
  const sold = await there.sell(sale(100), 'a slow/one');
  expect(sold.status).toBe(202);
  expect(sold.body).toMatchObject({
    success: true,
    data: { status: 'PENDING', idempotency_key: 'a slow/one' },
  });
  expect(sold.headers.get('location')).toBe(sold.data.location);
  expect(Date.parse(sold.data.expires_at)).toBeGreaterThan(Date.now() + 25_000);
  const unkeyed = await there.sell(sale(200));
  expect(unkeyed.status).toBe(202);
  stack.use(await system.ledger());
  for (const { data } of [sold, unkeyed]) {
    const found = await api.waitFor(data.location, ({ status }) => status === 200);
    expect(found.data).toMatchObject({
      type: 'charge',
      status: 'posted',
      idempotency_key: data.idempotency_key,
    });
  }
  expect((await api.sell(sale(100), 'a slow/one')).headers.get('idempotent-replayed')).toBe('true');
  expect((await api.sell(sale(200))).code).toBe('DUPLICATE_SUSPECTED');
});

test('past its deadline a sale is never executed, and says so; its key is free', async () => {
  const impatient = { CHARGE_WAIT_MS: '200', CHARGE_DEADLINE_MS: '400' };
  const { system, api, there } = await startLedgerless(impatient);
  const sold = await there.sell(sale(100), 'late');
  expect(sold.status).toBe(202);
  await expect.poll(() => Date.now()).toBeGreaterThan(Date.parse(sold.data.expires_at) + 50);
  stack.use(await system.ledger());
  const gone = await api.waitFor(sold.data.location, ({ status }) => status === 404);
  expect(gone.code).toBe('NEVER_EXECUTED');
  expect((await api.get('/api/charges/by-key/late/')).code).toBe('NEVER_EXECUTED');
  const again = await api.sell(sale(100), 'late');
  expect([again.status, again.headers.get('idempotent-replayed')]).toEqual([200, null]);
  expect((await api.get('/api/vendors/balance/')).data.balance).toBe(4_900);
});

test('a lane that lags gets 503 before anything is published, and recovers', async () => {
  const lagging = { CHARGE_WAIT_MS: '8000', LANE_LAG_LIMIT_MS: '100' };
  const { system, there } = await startLedgerless(lagging);
  const stuck = Array.from({ length: 20 }, (_, index) => there.sell(sale(100 + index), `stuck-${index}`));
  let probe = 0;
  await there.waitFor('/api/metrics/', ({ text }) => laneLagMs(text) > 150);
  const refused = await there.sell(sale(6), `probe-${probe++}`);
  expect(refused.code).toBe('OVERLOADED');
  expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '1']);
  stack.use(await system.ledger());
  for (const answer of await Promise.all(stuck)) expect([200, 202]).toContain(answer.status);
  await expect
    .poll(async () => (await there.sell(sale(6), `probe-${probe++}`)).status, { timeout: 10_000 })
    .toBe(200);
});

test('NATS away: 503 at once, nothing hangs; and it comes back', async () => {
  const nats = await through(inject('servers').natsUrl);
  const system = await start({ gateway: { NATS_URL: nats.url } });
  const { api } = await system.vendor({ balance: '5000.00' });
  nats.proxy.cut();
  await api.waitFor('/api/health/', (answer) => answer.status === 503 && answer.data?.nats === 'down');
  const started = Date.now();
  const refused = await api.sell(sale(100), 'k');
  expect([refused.status, refused.code]).toEqual([503, 'UNAVAILABLE']);
  expect(Date.now() - started).toBeLessThan(1_000);
  nats.proxy.mend();
  await api.waitFor('/api/health/', (answer) => answer.status === 200);
  expect((await api.sell(sale(100), 'k')).status).toBe(200);
});

test('PostgreSQL away: known tokens go on selling, unknown ones get 503, never 401; and it comes back', async () => {
  const system = await start();
  const { api, token } = await system.vendor({ balance: '5000.00' });
  const postgres = await through(system.base.playground.database.urls.gateway);
  const gateway = stack.use(await system.gateway({ DATABASE_URL: postgres.url }));
  const there = new Caller(gateway.url, token);
  expect((await there.sell(sale(100), 'a')).status).toBe(200);
  postgres.proxy.cut();
  expect((await there.sell(sale(100), 'b')).status).toBe(200);
  const unknown = await new Caller(gateway.url, `b2bv_${'x'.repeat(43)}`).get('/api/vendors/balance/');
  expect([unknown.status, unknown.code]).toEqual([503, 'UNAVAILABLE']);
  postgres.proxy.mend();
  await expect
    .poll(async () => (await new Caller(gateway.url, `b2bv_${'x'.repeat(43)}`).get('/api/credits/')).status)
    .toBe(401);
  expect((await api.get('/api/vendors/balance/')).data.balance).toBe(4_800);
});

test('a client that hangs up changes nothing: the sale is made, and a repeat learns of it', async () => {
  const system = await start();
  const { api, token } = await system.vendor({ balance: '5000.00' });
  const body = JSON.stringify(sale(100));
  const { port, hostname } = new URL(system.url);
  const socket = connect(Number(port), hostname);
  socket.end(
    `POST /api/charges/sell/ HTTP/1.1\r\nHost: localhost\r\nAuthorization: Token ${token}\r\nIdempotency-Key: gone\r\n` +
      `Content-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
    () => socket.destroy(),
  );
  await api.waitFor('/api/charges/by-key/gone/', ({ status }) => status === 200);
  const repeat = await api.sell(sale(100), 'gone');
  expect([repeat.status, repeat.headers.get('idempotent-replayed')]).toEqual([200, 'true']);
  expect((await api.get('/api/vendors/balance/')).data.balance).toBe(4_900);
});

test('a gateway that is told to stop answers what is in flight first', async () => {
  const { system, there, other } = await startLedgerless({ CHARGE_WAIT_MS: '2000' });
  await there.get('/api/vendors/balance/');
  const answers = Array.from({ length: 10 }, (_, index) => there.sell(sale(100 + index), `last-${index}`));
  await expect
    .poll(async () => /b2b_commands_in_flight 10\b/.test((await there.get('/api/metrics/')).text))
    .toBe(true);
  const stopping = other[Symbol.asyncDispose]();
  stack.use(await system.ledger());
  for (const { status } of await Promise.all(answers)) expect([200, 202]).toContain(status);
  await stopping;
  await expect(there.get('/api/health/')).rejects.toThrow();
});

test('too many in flight: 503 for the rest, and a batch answers within the wait, item by item', async () => {
  const { system, api, there } = await startLedgerless({ CHARGE_WAIT_MS: '500', MAX_IN_FLIGHT: '3' });
  const items = Array.from({ length: 5 }, (_, index) => ({
    ...sale(100 + index),
    idempotency_key: `i-${index}`,
  }));
  const started = Date.now();
  const { data } = await there.post('/api/charges/sell/batch/', { items });
  expect(Date.now() - started).toBeLessThan(3_000);
  expect(data).toMatchObject({ total: 5, sold: 0, pending: 3, failed: 2 });
  const codes = data.results.map(({ status, error }: { status: number; error: { code: string } | null }) => [
    status,
    error?.code,
  ]);
  expect(codes.slice(3)).toEqual([
    [503, 'OVERLOADED'],
    [503, 'OVERLOADED'],
  ]);
  stack.use(await system.ledger());
  await api.waitFor('/api/charges/by-key/i-2/', ({ status }) => status === 200);
  expect((await api.get('/api/charges/by-key/i-4/')).code).toBe('NOT_FOUND');
  expect((await api.get('/api/vendors/balance/')).data.balance).toBe(5_000 - 303);
});

test('a full log: 503, nothing is sold; once there is room, the same key sells', async () => {
  const system = await start();
  const { api } = await system.vendor({ balance: '5000.00' });
  const { nc, subjects } = system.base.playground;
  const { streams } = await jetstreamManager(nc);
  const name = subjects.streams.commands;
  const { config, state } = await streams.info(name);
  await streams.update(name, { max_bytes: state.bytes });
  const refused = await api.sell(sale(100), 'full');
  expect([refused.status, refused.code, refused.headers.get('retry-after')]).toEqual([
    503,
    'OVERLOADED',
    '1',
  ]);
  expect((await api.get('/api/charges/by-key/full/')).code).toBe('NOT_FOUND');
  await streams.update(name, { max_bytes: config.max_bytes });
  expect((await api.sell(sale(100), 'full')).status).toBe(200);
  expect((await api.get('/api/vendors/balance/')).data.balance).toBe(4_900);
});
