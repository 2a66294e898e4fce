import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Caller } from './caller.ts';
import { type System, startSystem } from './system.ts';

/** The table of the HTTP contract, row by row, against the whole system. */
let system: System;
beforeAll(async () => {
  system = await startSystem();
});
afterAll(() => system?.[Symbol.asyncDispose]());

const PHONE = '+989123456789';
const sale = (amount: number | string = 1_000) => ({ phone_number: PHONE, amount });

test('a vendor sells a charge from approved credit', async () => {
  const { api } = await system.vendor({ balance: '1000000.00' });
  const sold = await api.sell({ phone_number: '0912 345 6789', amount: 50000.0 });
  expect(sold.status).toBe(200);
  expect(sold.headers.get('idempotent-replayed')).toBeNull();
  expect(sold.body).toEqual({
    success: true,
    message: 'Charge sold successfully',
    data: {
      transaction_id: expect.any(String),
      phone_number: PHONE,
      amount: 50_000,
      ...{ balance_before: 1_000_000, balance_after: 950_000, currency: 'IRT' },
      idempotency_key: expect.any(String),
      reference: null,
      metadata: null,
      created_at: expect.any(String),
    },
  });
  const balance = await api.get('/api/vendors/balance');
  expect(balance.data).toMatchObject({ balance: 950_000, charged_today: 50_000, at: null });
});

describe('malformed JSON, bad field, unknown field: 400, every bad field named, nothing written', () => {
  test('all bad fields at once', async () => {
    const { api } = await system.vendor({ balance: '5000.00' });
    const refused = await api.sell({
      phone_number: '12',
      amount: '-1',
      colour: 'red',
      idempotency_key: ' x',
    });
    expect(refused.status).toBe(400);
    expect(refused.body).toMatchObject({ success: false, error: { code: 'VALIDATION_ERROR' } });
    const fields = refused.body.error.details.fields.map(({ field }: { field: string }) => field);
    expect(fields.toSorted()).toEqual(['amount', 'colour', 'idempotency_key', 'phone_number']);
  });

  test.each([
    ['malformed JSON', '{"phone_number": '],
    ['no object', '[]'],
    ['nothing', ''],
    ['a missing amount', JSON.stringify({ phone_number: PHONE })],
    ['a zero amount', JSON.stringify(sale(0))],
    ['a negative amount', JSON.stringify(sale(-5))],
    ['three decimals', '{"phone_number":"+989123456789","amount":1.005}'],
    ['three decimals in text', JSON.stringify(sale('1.005'))],
    ['an exponent', '{"phone_number":"+989123456789","amount":1e3}'],
    ['an amount of 10^30', `{"phone_number":"+989123456789","amount":1${'0'.repeat(30)}}`],
    ['an amount above the maximum', JSON.stringify(sale('10000000000000'))],
    ['a wrong type', JSON.stringify({ phone_number: 989123456789, amount: 5 })],
    ['null', JSON.stringify({ phone_number: null, amount: 5 })],
    ['a bad phone number', JSON.stringify({ phone_number: '+98123', amount: 5 })],
    ['an empty key', JSON.stringify({ ...sale(), idempotency_key: '' })],
  ])('%s', async (_, body) => {
    const { api } = await system.vendor({ balance: '5000.00' });
    const refused = await api.post('/api/charges/sell/', body);
    expect([refused.status, refused.code]).toEqual([400, 'VALIDATION_ERROR']);
    expect(refused.body.error.details.fields.length).toBeGreaterThan(0);
    expect((await api.get('/api/vendors/balance/')).data.balance).toBe(5_000);
  });

  test('an unknown query parameter, and one given twice', async () => {
    const { api } = await system.vendor();
    for (const query of ['?colour=red', '?limit=1&limit=2', '?limit=0', '?limit=1001', '?status=odd']) {
      expect((await api.get(`/api/transactions/${query}`)).status, query).toBe(400);
    }
  });
});

describe('no or bad token: 401; wrong role: 403', () => {
  test('no token, and none that is one', async () => {
    for (const token of [undefined, 'x', `b2bv_${'a'.repeat(43)}`]) {
      const refused = await new Caller(system.url, token).get('/api/vendors/balance/');
      expect([refused.status, refused.code]).toEqual([401, 'UNAUTHENTICATED']);
      expect(refused.headers.get('www-authenticate')).toContain('Token');
    }
  });

  test('both schemes, in any case', async () => {
    const { token } = await system.vendor();
    for (const scheme of ['Token', 'Bearer', 'bearer', 'TOKEN']) {
      const answer = await new Caller(system.url).get('/api/vendors/balance/', {
        authorization: `${scheme} ${token}`,
      });
      expect(answer.status, scheme).toBe(200);
    }
    const basic = await new Caller(system.url).get('/api/vendors/balance/', {
      authorization: `Basic ${token}`,
    });
    expect(basic.status).toBe(401);
  });

  test("a vendor's token on an admin's path, and the other way round", async () => {
    const { api } = await system.vendor();
    const office = api.to(system.base.backofficeUrl);
    expect((await office.get('/api/admin/vendors/')).code).toBe('FORBIDDEN');
    expect((await system.admin.to(system.url).sell(sale())).code).toBe('FORBIDDEN');
  });
});

test('insufficient balance: 402 with the balance', async () => {
  const { api } = await system.vendor({ balance: '500.00' });
  const refused = await api.sell(sale(500.01));
  expect([refused.status, refused.code]).toEqual([402, 'INSUFFICIENT_BALANCE']);
  expect(refused.body.error.details.balance).toBe(500);
});

test('vendor suspended: 403, until it is active again', async () => {
  const { id, api } = await system.vendor({ balance: '5000.00' });
  expect((await system.admin.post(`/api/admin/vendors/${id}/suspend/`)).data.status).toBe('suspended');
  const refused = await api.sell(sale());
  expect([refused.status, refused.code]).toEqual([403, 'VENDOR_INACTIVE']);
  expect((await system.admin.post(`/api/admin/vendors/${id}/activate/`)).data.status).toBe('active');
  expect((await api.sell(sale())).status).toBe(200);
});

test("another's transaction and an unknown one: 404", async () => {
  const [mine, other] = [await system.vendor({ balance: '5000.00' }), await system.vendor()];
  const { data } = await mine.api.sell(sale());
  expect((await mine.api.get(`/api/charges/${data.transaction_id}/`)).data.amount).toBe(1_000);
  for (const kind of ['charges', 'transactions']) {
    const path = `/api/${kind}/${data.transaction_id}/`;
    expect((await other.api.get(path)).code).toBe('NOT_FOUND');
    expect((await mine.api.get(path.replace(/.\/$/, 'f'))).status).toBe(404);
    expect((await mine.api.get(`/api/${kind}/${crypto.randomUUID()}`)).status).toBe(404);
    expect((await mine.api.get(`/api/${kind}/17`)).status).toBe(400);
  }
});

test('daily limit: 422 with limit and used', async () => {
  const { api } = await system.vendor({ balance: '5000.00', dailyLimit: '1500.00' });
  expect((await api.sell(sale(1_000))).status).toBe(200);
  const refused = await api.sell(sale(500.01));
  expect([refused.status, refused.code]).toEqual([422, 'DAILY_LIMIT_EXCEEDED']);
  expect(refused.body.error.details).toMatchObject({ limit: 1_500, used: 1_000 });
});

describe('same key, same body, done: the first answer, marked as replayed', () => {
  test('of a sale, in either spelling of phone and amount, by header or body', async () => {
    const { api } = await system.vendor({ balance: '5000.00' });
    const first = await api.sell(sale('1000.00'), 'order-1');
    expect([first.status, first.headers.get('idempotent-replayed')]).toEqual([200, null]);
    const repeats = [
      await api.sell(sale(1_000), 'order-1'),
      await api.sell({ phone_number: '09123456789', amount: '1000.0', idempotency_key: 'order-1' }),
      await api.sell({ ...sale(1_000), idempotency_key: 'order-1' }, 'order-1'),
    ];
    for (const repeat of repeats) {
      expect([repeat.status, repeat.text]).toEqual([first.status, first.text]);
      expect(repeat.headers.get('idempotent-replayed')).toBe('true');
    }
    expect((await api.get('/api/vendors/balance/')).data.balance).toBe(4_000);
  });

  test('of a rejection, to the letter, even when it would succeed now', async () => {
    const { id, api } = await system.vendor({ balance: '100.00' });
    const first = await api.sell(sale(1_000), 'too-much');
    const asked = await api.post('/api/credits/request/', { amount: 5_000 });
    await system.admin.post(`/api/admin/credits/${asked.data.id}/approve/`);
    await api.waitFor('/api/vendors/balance/', (answer) => answer.data.balance === 5_100);
    const repeat = await api.sell(sale(1_000), 'too-much');
    expect([repeat.status, repeat.text]).toEqual([402, first.text]);
    expect(repeat.headers.get('idempotent-replayed')).toBe('true');
    expect(id).toBeGreaterThan(0);
  });

  test('a validation failure does not take the key', async () => {
    const { api } = await system.vendor({ balance: '5000.00' });
    expect((await api.sell(sale(-1), 'k')).status).toBe(400);
    expect((await api.sell(sale(), 'k')).status).toBe(200);
  });

  test('keys are each vendor’s own', async () => {
    const [a, b] = [await system.vendor({ balance: '5000.00' }), await system.vendor({ balance: '5000.00' })];
    const [one, other] = [await a.api.sell(sale(), 'same'), await b.api.sell(sale(), 'same')];
    expect([one.status, other.status]).toEqual([200, 200]);
    expect(one.data.transaction_id).not.toBe(other.data.transaction_id);
  });
});

test('same key, same body, still in flight: all wait for the one outcome', async () => {
  const { api } = await system.vendor({ balance: '5000.00' });
  const answers = await Promise.all(Array.from({ length: 20 }, () => api.sell(sale(), 'at-once')));
  expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
  expect(answers.filter(({ headers }) => headers.get('idempotent-replayed') === null)).toHaveLength(1);
  expect((await api.get('/api/vendors/balance/')).data.balance).toBe(4_000);
});

test('same key, other body: 422, and the first stands', async () => {
  const { api } = await system.vendor({ balance: '5000.00' });
  const first = await api.sell(sale(1_000), 'key');
  for (const body of [sale(1_001), { ...sale(1_000), phone_number: '+989351234567' }]) {
    const refused = await api.sell(body, 'key');
    expect([refused.status, refused.code]).toEqual([422, 'IDEMPOTENCY_KEY_REUSED']);
  }
  expect((await api.sell(sale(1_000), 'key')).text).toBe(first.text);
  expect((await api.get('/api/vendors/balance/')).data.balance).toBe(4_000);
});

describe('no key, an equal sale within the window: 409 naming the first', () => {
  test('after a sale without a key, and after one with', async () => {
    const { api } = await system.vendor({ balance: '5000.00' });
    const first = await api.sell(sale(100));
    const refused = await api.sell(sale('100.00'));
    expect([refused.status, refused.code]).toEqual([409, 'DUPLICATE_SUSPECTED']);
    expect(refused.body.error.details.first).toMatchObject({
      transaction_id: first.data.transaction_id,
      status: 'posted',
    });
    await api.sell(sale(200), 'with-a-key');
    expect((await api.sell(sale(200))).body.error.details.first.idempotency_key).toBe('with-a-key');
  });

  test('with a key, another phone, another amount or another vendor it is another sale', async () => {
    const [{ api }, other] = [
      await system.vendor({ balance: '5000.00' }),
      await system.vendor({ balance: '5000.00' }),
    ];
    expect((await api.sell(sale(100))).status).toBe(200);
    expect((await api.sell(sale(100), 'meant')).status).toBe(200);
    expect((await api.sell(sale(101))).status).toBe(200);
    expect((await api.sell({ phone_number: '+989351234567', amount: 100 })).status).toBe(200);
    expect((await other.api.sell(sale(100))).status).toBe(200);
  });

  test('of twenty at once, one is sold', async () => {
    const { api } = await system.vendor({ balance: '5000.00' });
    const answers = await Promise.all(Array.from({ length: 20 }, () => api.sell(sale(100))));
    const statuses = answers.map(({ status }) => status).toSorted();
    expect(statuses).toEqual([200, ...Array.from({ length: 19 }, () => 409)]);
    expect((await api.get('/api/vendors/balance/')).data.balance).toBe(4_900);
  });

  test('a rejected sale leaves the window free', async () => {
    const { api } = await system.vendor({ balance: '100.00' });
    expect((await api.sell(sale(1_000))).status).toBe(402);
    expect((await api.sell(sale(1_000))).status).toBe(402);
  });
});

test('a mandatory key: 400 without one, per vendor', async () => {
  const { id, api } = await system.vendor({ balance: '5000.00' });
  await system.admin.patch(`/api/admin/vendors/${id}/`, { require_idempotency_key: true });
  expect((await api.sell(sale())).code).toBe('IDEMPOTENCY_KEY_REQUIRED');
  expect((await api.sell(sale(), 'k')).status).toBe(200);
});

test('rate limit: 429 with Retry-After and RateLimit headers, by the vendor’s own setting', async () => {
  const { id, api } = await system.vendor({ balance: '5000.00' });
  const before = await api.get('/api/vendors/balance/');
  expect(before.headers.get('ratelimit-limit')).toBe('600000');
  await system.admin.patch(`/api/admin/vendors/${id}/`, { rate_limit: 5 });
  const answers = [];
  for (let request = 0; request < 8; request++) answers.push(await api.get('/api/vendors/balance/'));
  const refused = answers.filter(({ status }) => status === 429);
  expect(refused).toHaveLength(3);
  expect(refused[0]!.code).toBe('RATE_LIMITED');
  expect(Number(refused[0]!.headers.get('retry-after'))).toBeGreaterThan(0);
  expect(refused[0]!.headers.get('ratelimit-remaining')).toBe('0');
  expect(refused[0]!.headers.get('ratelimit-limit')).toBe('5');
});

test('by key: 404 for a key that is not known', async () => {
  const { api } = await system.vendor();
  expect((await api.get('/api/charges/by-key/nothing/')).code).toBe('NOT_FOUND');
  const never = await api.get('/api/charges/by-key/nothing/?expires_at=2020-01-01T00:00:00Z');
  expect([never.status, never.code]).toEqual([404, 'NEVER_EXECUTED']);
});

test('paths work with and without the trailing slash; unknown ones are 404, wrong methods 405', async () => {
  const { api } = await system.vendor();
  for (const path of ['/api/vendors/balance', '/api/vendors/balance/', '/api/transactions', '/api/credits']) {
    expect((await api.get(path)).status, path).toBe(200);
  }
  expect((await api.get('/api/nothing/')).code).toBe('NOT_FOUND');
  const wrong = await api.get('/api/charges/sell/');
  expect([wrong.status, wrong.code, wrong.headers.get('allow')]).toEqual([405, 'METHOD_NOT_ALLOWED', 'POST']);
});

test('messages in Persian by Accept-Language', async () => {
  const { api } = await system.vendor({ balance: '5000.00' });
  const answer = await api.post('/api/charges/sell/', sale(), {
    'accept-language': 'de, fa-IR;q=0.9, en;q=0.5',
  });
  expect(answer.body.message).toBe('شارژ با موفقیت فروخته شد');
  const refused = await api.post('/api/charges/sell/', sale(-1), { 'accept-language': 'fa' });
  expect(refused.body.error.details.fields[0].message).toBe('مبلغ مثبت با حداکثر دو رقم اعشار');
});

test('each charge is a line of transactions.log, each refusal one of security.log, without whole phone numbers', async () => {
  const { id, api } = await system.vendor({ balance: '5000.00' });
  const { data } = await api.sell(sale());
  await new Caller(system.url, 'b2bv_nobody-has-this-token-nobody-has-this').get('/api/credits/');
  const lines = async (name: string) =>
    (await readFile(path.join(system.logDir, `${name}.log`), 'utf8'))
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
  await expect
    .poll(async () =>
      (await lines('transactions')).find((line) => line.transaction_id === data.transaction_id),
    )
    .toMatchObject({ vendor_id: id, amount: '1000.00', result: 'posted', phone: '+98912***89' });
  await expect
    .poll(async () => (await lines('security')).find((line) => line.path === '/api/credits/'))
    .toMatchObject({ event: 'UNAUTHENTICATED', address: '127.0.0.1' });
});
