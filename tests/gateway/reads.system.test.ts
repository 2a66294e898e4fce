import { businessDay } from '@b2b-charge/contracts';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { BUSINESS_TIMEZONE } from '../harness.ts';
import { type System, startSystem, type Vendor } from './system.ts';

let system: System;
let vendor: Vendor;
beforeAll(async () => {
  system = await startSystem();
  vendor = await system.vendor({ balance: '10000.00' });
  for (let sale = 1; sale <= 7; sale++) {
    await vendor.api.sell({ phone_number: `+98912345678${sale % 2}`, amount: sale * 10 }, `sale-${sale}`);
  }
  await vendor.api.sell({ phone_number: '+989123456780', amount: 99_999 }, '=cmd|"x"!A1');
});
afterAll(() => system?.[Symbol.asyncDispose]());

const list = (query: string) => vendor.api.get(`/api/transactions/${query}`);

test('pages by cursor give every transaction once, newest first', async () => {
  const seen: number[] = [];
  for (let cursor = ''; ; ) {
    const { data } = await list(`?limit=3${cursor}`);
    expect(data.transactions.length).toBeLessThanOrEqual(3);
    seen.push(...data.transactions.map(({ seq }: { seq: number }) => seq));
    if (data.next_cursor === null) break;
    cursor = `&cursor=${data.next_cursor}`;
  }
  expect(seen).toEqual(Array.from({ length: seen.length }, (_, index) => seen.length - index));
  expect(seen.length).toBeGreaterThanOrEqual(9);
});

test('what no page gave as a cursor is refused, wherever there are pages, and another list’s as well', async () => {
  const seq = (await list('?limit=3')).data.next_cursor;
  const all = '/api/admin/transactions/';
  const { next_cursor: id } = (await system.admin.get(`${all}?limit=3`)).data;
  const bad = { seq: [id, '0', 'x', `${seq}x`], id: [seq, id.slice(1), 'x'], letter: ['x', '1-1', seq] };
  const pages: [string, string[]][] = [
    [all, bad.id],
    [`${all}?vendor_id=${vendor.id}`, bad.seq],
    ['/api/admin/vendors/', bad.seq],
    ['/api/admin/dead-letters/', bad.letter],
    ['/api/admin/credits/', bad.seq],
  ];
  for (const [path, cursors] of pages) {
    for (const cursor of cursors) {
      const answer = await system.admin.get(`${path}${path.includes('?') ? '&' : '?'}cursor=${cursor}`);
      expect([answer.status, answer.code], `${path} ${cursor}`).toEqual([400, 'BAD_REQUEST']);
    }
  }
  for (const cursor of bad.seq) expect((await list(`?cursor=${cursor}`)).status).toBe(400);
  expect((await system.admin.get('/api/admin/vendors/?cursor=9999999999')).data.vendors).toEqual([]);
});

test('filters by type, status, phone, key and time; with a summary', async () => {
  const charges = await list('?type=charge&status=posted&summary=true');
  expect(charges.data.transactions).toHaveLength(7);
  expect(charges.data.summary).toMatchObject({ count: 7, charged: 280, rejected: 0 });
  expect((await list('?phone_number=09123456780&status=posted')).data.transactions).toHaveLength(3);
  expect((await list('?status=rejected')).data.transactions[0]).toMatchObject({
    reason: 'INSUFFICIENT_BALANCE',
  });
  expect((await list('?idempotency_key=sale-3')).data.transactions[0].amount).toBe(30);
  const third = (await list('?idempotency_key=sale-3')).data.transactions[0];
  const until = await list(`?type=charge&to=${encodeURIComponent(third.created_at)}`);
  expect(until.data.transactions.map(({ amount }: { amount: number }) => amount)).not.toContain(30);
  // The day on which the vendor was opened, not ours: midnight may have passed since.
  const [opened] = (await list('?type=open-vendor')).data.transactions;
  const day = businessDay(Date.parse(opened.created_at), BUSINESS_TIMEZONE);
  expect((await list(`?type=charge&from=${day}`)).data.transactions).toHaveLength(8);
  expect((await list(`?type=charge&to=${day}`)).data.transactions).toHaveLength(0);
});

test('CSV: all rows in one stream, amounts with both decimals, nothing that a spreadsheet would run', async () => {
  const csv = await list('?format=csv&type=charge');
  expect(csv.headers.get('content-type')).toBe('text/csv; charset=utf-8');
  const [head, ...rows] = csv.text.trim().split('\r\n');
  expect(head).toBe(
    'transaction_id,vendor_id,seq,created_at,business_day,type,status,reason,amount,phone_number,phone_erased,balance_before,balance_after,currency,idempotency_key,reference,metadata,principal,source,resolves,operator,livemode',
  );
  expect(rows).toHaveLength(8);
  expect(rows[0]).toContain(`"'=cmd|""x""!A1"`);
  expect(rows[1]).toContain(',70.00,+989123456781,false,9790.00,9720.00,IRT,sale-7,');
});

test('the balance at a point in time', async () => {
  const sales = (await list('?type=charge&status=posted')).data.transactions;
  const all: { seq: number; balance_after: number }[] = (await list('?limit=100')).data.transactions;
  const balanceAfter = new Map(all.map(({ seq, balance_after }) => [seq, balance_after]));
  const at = (time: string) => vendor.api.get(`/api/vendors/balance/?at=${encodeURIComponent(time)}`);
  expect(sales.length).toBeGreaterThan(3);
  for (const { created_at, seq } of sales.slice(0, 3)) {
    // Another sale may have been made within the same millisecond.
    const then = await at(new Date(Date.parse(created_at) + 1).toISOString());
    expect(then.data.seq).toBeGreaterThanOrEqual(seq);
    expect(then.data.balance).toBe(balanceAfter.get(then.data.seq));
  }
  expect((await at('2020-01-01T00:00:00Z')).status).toBe(404);
});

test('a batch: each item has its own key and outcome, and a repeat repeats them', async () => {
  const { api } = await system.vendor({ balance: '1000.00' });
  const phone_number = '+989123456789';
  const items = [
    { phone_number, amount: 100, idempotency_key: 'own' },
    { phone_number, amount: 200 },
    { phone_number, amount: 5_000 },
    { phone_number, amount: 200 },
    { phone_number, amount: 101, idempotency_key: 'own' },
  ];
  const sell = () => api.post('/api/charges/sell/batch/', { items }, { 'idempotency-key': 'batch-1' });
  const [first, repeat] = [await sell(), await sell()];
  expect(first.status).toBe(200);
  expect(first.data).toMatchObject({ total: 5, sold: 3, pending: 0, failed: 2 });
  const of = (answer: typeof first) =>
    answer.data.results.map(({ status, error }: { status: number; error: { code: string } | null }) => [
      status,
      error?.code,
    ]);
  expect(of(first)).toEqual([
    [200, undefined],
    [200, undefined],
    [402, 'INSUFFICIENT_BALANCE'],
    [200, undefined],
    [422, 'IDEMPOTENCY_KEY_REUSED'],
  ]);
  expect(of(repeat)).toEqual(of(first));
  expect(repeat.data.results.map(({ data }: { data: unknown }) => data)).toEqual(
    first.data.results.map(({ data }: { data: unknown }) => data),
  );
  expect((await api.get('/api/charges/by-key/batch-1:1/')).data.amount).toBe(200);
  expect((await api.get('/api/vendors/balance/')).data.balance).toBe(500);
});

test('a batch of a thousand; and one of a thousand and one, which is refused whole', async () => {
  const { api } = await system.vendor({ balance: '1000000.00' });
  const items = Array.from({ length: 1_001 }, (_, index) => ({
    phone_number: '+989123456789',
    amount: (100 + index) / 100,
  }));
  expect((await api.post('/api/charges/sell/batch/', { items })).status).toBe(400);
  const keyed = items.slice(1).map((item, index) => ({ ...item, idempotency_key: `thousand-${index}` }));
  const sell = async () => (await api.post('/api/charges/sell/batch/', { items: keyed })).data;
  // On a slow machine some are pending at first; a repeat of their keys finds the outcomes.
  await expect.poll(sell, { timeout: 25_000 }).toMatchObject({ total: 1_000, sold: 1_000, failed: 0 });
});

test('an admin reverses a charge once, finds it, and the vendor sees it', async () => {
  const { id, api } = await system.vendor({ balance: '1000.00' });
  const { data } = await api.sell({ phone_number: '+989123456789', amount: 400 });
  const path = `/api/admin/transactions/${data.transaction_id}/`;
  expect((await system.admin.get(path)).data).toMatchObject({ vendor_id: id, amount: 400 });
  const reverse = (reason: string, key?: string) =>
    system.admin.post(`${path}reverse/`, { reason }, key ? { 'idempotency-key': key } : {});
  const reversed = await reverse('Wrong number', 'r-1');
  expect(reversed.data).toMatchObject({
    type: 'reversal',
    resolves: data.transaction_id,
    balance_after: 1_000,
  });
  const repeat = await reverse('Wrong number', 'r-1');
  expect([repeat.text, repeat.headers.get('idempotent-replayed')]).toEqual([reversed.text, 'true']);
  expect((await reverse('Again')).code).toBe('ALREADY_REVERSED');
  expect((await api.get('/api/vendors/balance/')).data.balance).toBe(1_000);
  const found = await system.admin.get(
    `/api/admin/transactions/?vendor_id=${id}&type=reversal&status=posted`,
  );
  expect(found.data.transactions).toHaveLength(1);
  expect(
    (await system.admin.post(`/api/admin/transactions/${crypto.randomUUID()}/reverse/`, { reason: 'x' }))
      .status,
  ).toBe(404);
});

test('credit: requested, listed, rejected with a reason that the vendor reads; cancelled; decided in bulk', async () => {
  const { id, api } = await system.vendor();
  const ask = async () => (await api.post('/api/credits/request/', { amount: 1_000 })).data.id as number;
  const [one, two, three, four] = [await ask(), await ask(), await ask(), await ask()];
  await system.admin.post(`/api/admin/credits/${one}/reject/`, { reason: 'Not paid' });
  expect((await api.get(`/api/credits/${one}/`)).data).toMatchObject({
    status: 'rejected',
    reason: 'Not paid',
  });
  expect((await system.admin.post(`/api/admin/credits/${one}/approve/`)).code).toBe('ALREADY_DECIDED');
  expect((await api.post(`/api/credits/${two}/cancel/`)).data.status).toBe('cancelled');
  const bulk = await system.admin.post('/api/admin/credits/bulk/', {
    ids: [two, three, four, 2_000_000_000],
    decision: 'approve',
  });
  const codes = bulk.data.results.map(({ error }: { error: { code: string } | null }) => error?.code ?? 'ok');
  expect(codes).toEqual(['ALREADY_DECIDED', 'ok', 'ok', 'NOT_FOUND']);
  await api.waitFor('/api/vendors/balance/', ({ data }) => data.balance === 2_000);
  const all = await system.admin.get(`/api/admin/credits/?vendor_id=${id}`);
  expect(all.data.credit_requests).toHaveLength(4);
  const repeated = await Promise.all(
    [1, 2].map(() => api.post('/api/credits/request/', { amount: 5, idempotency_key: 'c-1' })),
  );
  expect(repeated[0]!.data.id).toBe(repeated[1]!.data.id);
});
