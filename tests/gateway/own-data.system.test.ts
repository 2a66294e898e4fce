import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type System, startSystem } from './system.ts';

/** A vendor's own data of a sale, and the sale's principal: kept, shown, searched for. */
let system: System;
beforeAll(async () => {
  system = await startSystem();
});
afterAll(() => system?.[Symbol.asyncDispose]());

const sale = { phone_number: '+989123456789', amount: 10 };
/** Metadata that is so many bytes long as JSON. */
const sized = (bytes: number) => {
  const most = { a: 'x'.repeat(500), b: 'x'.repeat(400), c: '' };
  return { ...most, c: 'x'.repeat(bytes - JSON.stringify(most).length) };
};
const own = { reference: 'invoice 4711', metadata: { till: '3', cashier: 'سارا' } };

test('reference and metadata are shown wherever the sale is, and a reference finds it', async () => {
  const { api, id } = await system.vendor({ balance: '1000.00' });
  const sold = await api.sell({ ...sale, ...own }, 'k');
  expect(sold.data).toMatchObject(own);
  await api.sell(sale, 'without');
  expect((await api.get('/api/charges/by-key/k/')).data).toMatchObject(own);
  const query = `?reference=${encodeURIComponent(own.reference)}`;
  const listed = await api.get(`/api/transactions/${query}`);
  expect(listed.data.transactions).toMatchObject([{ idempotency_key: 'k', ...own }]);
  const searched = await system.admin.get(`/api/admin/transactions/${query}&vendor_id=${id}`);
  expect(searched.data.transactions).toHaveLength(1);
  const { text } = await api.get(`/api/transactions/${query}&format=csv`);
  expect(text).toContain('invoice 4711,"{""cashier"":""سارا"",""till"":""3""}"');
});

test('they belong to the request: a repeat must have the same, in whatever order', async () => {
  const { api } = await system.vendor({ balance: '1000.00' });
  const first = await api.sell({ ...sale, ...own }, 'k');
  const turned = { ...sale, metadata: { cashier: 'سارا', till: '3' }, reference: own.reference };
  const again = await api.sell(turned, 'k');
  expect([again.status, again.data.transaction_id]).toEqual([200, first.data.transaction_id]);
  expect(again.headers.get('idempotent-replayed')).toBe('true');
  for (const other of [
    { ...sale, ...own, reference: 'invoice 4712' },
    { ...sale, ...own, metadata: { till: '4' } },
    sale,
  ]) {
    expect((await api.sell(other, 'k')).code).toBe('IDEMPOTENCY_KEY_REUSED');
  }
  expect((await api.get('/api/vendors/balance/')).data.balance).toBe(990);
});

test('the longest are taken, and a repeat is the same sale', async () => {
  const { api } = await system.vendor({ balance: '100.00' });
  const most = Object.fromEntries(Array.from({ length: 10 }, (_, index) => [`n${index}`, 'x']));
  for (const [key, longest] of Object.entries({
    bytes: { metadata: sized(1_024) },
    names: { metadata: most },
    text: { metadata: { till: 'x'.repeat(500) } },
    reference: { reference: 'ا'.repeat(255) },
    empty: { metadata: {} },
  })) {
    const first = await api.sell({ ...sale, ...longest }, key);
    expect([first.status, first.data], key).toMatchObject([200, longest]);
    const again = await api.sell({ ...sale, ...longest }, key);
    expect(again.data.transaction_id, key).toBe(first.data.transaction_id);
  }
});

describe('is refused, and the field named', () => {
  const names = (count: number, text = 'x') =>
    Object.fromEntries(Array.from({ length: count }, (_, index) => [`n${index}`, text]));
  test.each<[string, string, string]>([
    ['an empty reference', 'reference', '{"reference": ""}'],
    ['a reference of 256 characters', 'reference', JSON.stringify({ reference: 'x'.repeat(256) })],
    ['a reference with a line feed', 'reference', '{"reference": "a\\nb"}'],
    ['eleven names', 'metadata', JSON.stringify({ metadata: names(11) })],
    ['metadata of 1,025 bytes', 'metadata', JSON.stringify({ metadata: sized(1_025) })],
    ['a number for a text', 'metadata', '{"metadata": {"till": 3}}'],
    ['a name that is none', 'metadata', '{"metadata": {"1 till": "3"}}'],
    ['the name of a prototype', 'metadata', '{"metadata": {"__proto__": "x"}}'],
    ['a list', 'metadata', '{"metadata": ["a"]}'],
  ])('%s', async (_, field, text) => {
    const { api } = await system.vendor({ balance: '100.00' });
    const body = `{"phone_number": "+989123456789", "amount": 10, ${text.slice(1)}`;
    const refused = await api.call('POST', '/api/charges/sell/', body);
    expect(refused.status).toBe(400);
    expect(refused.body.error.details.fields).toMatchObject([{ field: expect.stringMatching(field) }]);
    expect((await api.get('/api/vendors/balance/')).data.balance).toBe(100);
  });
});

test('null counts as absent, as answers show it', async () => {
  const { api } = await system.vendor({ balance: '100.00' });
  const sold = await api.sell({ ...sale, reference: null, metadata: null }, 'k');
  expect(sold.data).toMatchObject({ reference: null, metadata: null });
  const again = await api.sell(sale, 'k');
  expect([again.status, again.data.transaction_id]).toEqual([200, sold.data.transaction_id]);
});

test('what one token sold can be listed, by the vendor and by an admin', async () => {
  const { api, id } = await system.vendor({ balance: '100.00' });
  await api.sell(sale, 'k');
  const [row] = (await api.get('/api/transactions/?type=charge')).data.transactions;
  expect(row.principal).toMatch(/^token:\d+$/);
  const query = `?principal=${row.principal}`;
  const mine = await api.get(`/api/transactions/${query}`);
  expect(mine.data.transactions).toMatchObject([{ idempotency_key: 'k' }]);
  const found = await system.admin.get(`/api/admin/transactions/${query}&vendor_id=${id}`);
  expect(found.data.transactions).toHaveLength(1);
  expect((await api.get('/api/transactions/?principal=token:999999')).data.transactions).toEqual([]);
  expect((await api.get('/api/transactions/?principal=nobody')).status).toBe(400);
});

test('an admin’s reversal and approval name the admin’s token', async () => {
  const { api } = await system.vendor({ balance: '100.00' });
  const sold = await api.sell(sale, 'k');
  await system.admin.post(`/api/admin/transactions/${sold.data.transaction_id}/reverse/`, { reason: 'test' });
  const [reversal] = (await api.get('/api/transactions/?type=reversal')).data.transactions;
  expect(reversal).toMatchObject({ principal: expect.stringMatching(/^token:\d+$/), idempotency_key: null });
  const [charge] = (await api.get('/api/transactions/?type=charge')).data.transactions;
  expect(reversal.principal).not.toBe(charge.principal);
  const [credit] = (await api.get('/api/transactions/?type=credit')).data.transactions;
  expect(credit.principal).toBe(reversal.principal);
});

test('the status filter has the words of the books, and names them', async () => {
  const { api } = await system.vendor({ balance: '100.00' });
  expect((await api.get('/api/transactions/?status=posted')).data.transactions).not.toEqual([]);
  expect((await api.get('/api/transactions/?status=approved')).status).toBe(400);
});
