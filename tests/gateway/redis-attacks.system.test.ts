import { hash } from 'node:crypto';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { Caller } from './caller.ts';
import { type System, startSystem } from './system.ts';

/** The attacker can read and write every key in Redis, and nothing else. */
const stack = new AsyncDisposableStack();
let system: System;
let redis: Redis;
let prefix: string;
const PHONE = '+989123456789';
const sale = (amount: number) => ({ phone_number: PHONE, amount });

beforeAll(async () => {
  system = stack.use(await startSystem({ gateway: { RATE_LIMIT_POINTS: '600', RATE_LIMIT_WINDOW_S: '60' } }));
  redis = stack.adopt(new Redis(inject('servers').redisUrl), async (client) => client.disconnect());
  prefix = `${system.base.playground.namespace}:`;
});
afterAll(() => stack.disposeAsync());

const outcomeKey = (vendorId: number, key: string) => `${prefix}outcome:${vendorId}:${key}`;
const balanceOf = async (api: Caller) => (await api.get('/api/vendors/balance/')).data.balance;
/** The value in Redis once the gateway has written it. */
async function written(key: string): Promise<string> {
  await expect.poll(() => redis.get(key)).not.toBeNull();
  return (await redis.get(key))!;
}

test('a cached outcome that the gateway did not write sells nothing', async () => {
  const { id, api } = await system.vendor({ balance: '5000.00' });
  const real = await api.sell(sale(100), 'real');
  expect(real.status).toBe(200);
  const genuine = await written(outcomeKey(id, 'real'));
  const json = genuine.slice(genuine.indexOf('{'));
  const forgeries = {
    plain: json,
    signed: `${'A'.repeat(43)} ${json}`,
    moved: genuine,
    altered: genuine.replace('"100.00"', '"200.00"'),
  };
  for (const [key, forged] of Object.entries(forgeries)) {
    await redis.set(outcomeKey(id, key), forged);
    const before = await balanceOf(api);
    const sold = await api.sell(sale(100), key);
    expect([key, sold.status, sold.headers.get('idempotent-replayed')]).toEqual([key, 200, null]);
    expect(sold.data.transaction_id).not.toBe(real.data.transaction_id);
    expect(await balanceOf(api)).toBe(before - 100);
  }
});

test('a cached outcome of another vendor is not shown and sells nothing', async () => {
  const [one, other] = [
    await system.vendor({ balance: '500.00' }),
    await system.vendor({ balance: '500.00' }),
  ];
  await one.api.sell(sale(100), 'same-key');
  await redis.set(outcomeKey(other.id, 'same-key'), await written(outcomeKey(one.id, 'same-key')));
  const sold = await other.api.sell(sale(100), 'same-key');
  expect([sold.status, sold.headers.get('idempotent-replayed')]).toEqual([200, null]);
  expect(await balanceOf(other.api)).toBe(400);
});

test('a forged deadline does not declare a sale as never executed, and no value is a fault', async () => {
  const { id, api } = await system.vendor({ balance: '500.00' });
  for (const forged of ['1000', 'NaN', '-1', '1e999', '', '{}', `${'A'.repeat(43)} 1000`]) {
    await redis.set(`${prefix}outcome:deadline:${id}:never-sent`, forged);
    const told = await api.get('/api/charges/by-key/never-sent/');
    expect([forged, told.status, told.code]).toEqual([forged, 404, 'NOT_FOUND']);
  }
  await redis.del(`${prefix}outcome:deadline:${id}:never-sent`);
  await redis.hset(`${prefix}outcome:deadline:${id}:never-sent`, 'a', '1');
  expect((await api.get('/api/charges/by-key/never-sent/')).code).toBe('NOT_FOUND');
});

test('a forged duplicate-suppression mark refuses no sale for ever and is no fault', async () => {
  const { id, api } = await system.vendor({ balance: '5000.00' });
  const other = await api.sell(sale(7), 'other-content');
  expect(other.status).toBe(200);
  const year = Date.now() + 31_536_000_000;
  let amount = 20;
  for (const forged of ['NaN x', 'NaN NaN', `${year} 0198`, `${Date.now()} ${'x'.repeat(300)}`, 'x', '']) {
    const next = sale(amount++);
    await redis.set(`${prefix}spend:${id}:${PHONE}:${next.amount}.00`, forged);
    const sold = await api.sell(next);
    expect([forged, sold.status, sold.code]).toEqual([forged, 200, undefined]);
  }
  // Names a sale of this vendor that has other content.
  await redis.set(`${prefix}spend:${id}:${PHONE}:55.00`, `${Date.now() + 10_000} other-content`);
  expect((await api.sell(sale(55))).status).toBe(200);
  await redis.hset(`${prefix}spend:${id}:${PHONE}:56.00`, 'a', '1');
  expect((await api.sell(sale(56))).status).toBe(200);
});

test('a forged rate counter locks a vendor out for one window at most, and no value is a fault', async () => {
  const forge: Record<string, (key: string) => Promise<unknown>> = {
    'without an end': (key) => redis.set(key, '999999999'),
    'with an end far away': (key) => redis.set(key, '999999999', 'EX', 31_536_000),
    'that is no number': (key) => redis.set(key, 'NaN'),
    'that is below zero': (key) => redis.set(key, '-999999999', 'EX', 60),
    'that is at the largest number': (key) => redis.set(key, '9223372036854775807', 'EX', 60),
    'that is a hash': (key) => redis.hset(key, 'a', '1'),
  };
  for (const [name, act] of Object.entries(forge)) {
    const { id, api } = await system.vendor();
    await act(`${prefix}rate:600:${id}`);
    const answer = await api.get('/api/credits/');
    expect([name, answer.status]).toEqual([name, 200]);
    const left = Number(answer.headers.get('ratelimit-remaining'));
    expect([name, left > 0 && left <= 600]).toEqual([name, true]);
    expect(await redis.pttl(`${prefix}rate:600:${id}`)).toBeLessThanOrEqual(60_000);
  }
});

test('a forged session is no session of the console', async () => {
  const id = 'f'.repeat(43);
  const now = Date.now();
  const session = {
    operatorId: 1,
    generation: 1,
    csrf: 'x',
    startedAtMs: now,
    renewedAtMs: now,
    replaced: false,
  };
  await system.base.playground.sql(
    `INSERT INTO backoffice.operators (username, password_hash, role, created_by) VALUES ('root', 'scrypt$x', 'admin', 'test')`,
  );
  const key = `${prefix}console:session:${hash('sha256', id, 'base64url')}`;
  for (const forged of [JSON.stringify(session), `${'A'.repeat(43)} ${JSON.stringify(session)}`, 'x']) {
    await redis.set(key, forged, 'PX', 60_000);
    const page = await fetch(`${system.base.backofficeUrl}/admin/`, {
      redirect: 'manual',
      headers: { cookie: `console-session=${id}` },
    });
    expect([page.status, page.headers.get('location')]).toEqual([303, '/admin/sign-in/?next=%2Fadmin%2F']);
  }
});

test('a forged count of bad tokens locks no address out', async () => {
  await redis.set(`${prefix}bad-tokens:127.0.0.1`, '999999999');
  const bad = await new Caller(system.url, `b2bv_${'q'.repeat(43)}`).get('/api/vendors/balance/');
  expect(bad.status).toBe(401);
});
