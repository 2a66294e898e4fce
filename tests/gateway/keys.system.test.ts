import { afterAll, beforeAll, expect, test } from 'vitest';
import { type System, startSystem } from './system.ts';

let system: System;
beforeAll(async () => {
  system = await startSystem();
});
afterAll(() => system?.[Symbol.asyncDispose]());

const sale = (amount: number) => ({ phone_number: '+989123456789', amount });

test('a key is stored, found and shown as it came, also one that a later command could be named after', async () => {
  const { id, api } = await system.vendor({ balance: '5000.00' });
  for (const key of [
    `open-vendor-${id}`,
    'credit-request-1',
    'key-sha256-0',
    'adjust-17',
    'admin-order-7',
    'credit/1',
    'k'.repeat(255),
    'a/b?c=%2F#d e',
  ]) {
    const first = await api.sell(sale(10 + key.length), key);
    expect(first.status, key).toBe(200);
    expect(first.data.idempotency_key).toBe(key);
    const found = await api.get(`/api/charges/by-key/${encodeURIComponent(key)}/`);
    expect([found.status, found.data.transaction_id], key).toEqual([200, first.data.transaction_id]);
    const listed = await api.get(`/api/transactions/?idempotency_key=${encodeURIComponent(key)}`);
    expect(listed.data.transactions, key).toMatchObject([{ idempotency_key: key }]);
  }
});

test('a key that begins with ~ is refused with its reason, in the header and in the body', async () => {
  const { api } = await system.vendor({ balance: '100.00' });
  for (const refused of [
    await api.sell(sale(10), '~credit/1'),
    await api.sell({ ...sale(10), idempotency_key: '~x' }),
    await api.get(`/api/charges/by-key/${encodeURIComponent('~credit/1')}/`),
  ]) {
    expect(refused.status).toBe(400);
    expect(refused.body.error.details.fields[0].message).toContain('~');
  }
  expect((await api.get('/api/vendors/balance/')).data.balance).toBe(100);
});
