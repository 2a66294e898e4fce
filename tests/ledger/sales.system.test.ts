import { type CallName, type CallRequest, createSubjects } from '@b2b-charge/contracts';
import { CallError, call } from '@b2b-charge/runtime';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ok, type System, startSystem, type TestVendor } from '../harness.ts';

const HOUR_MS = 3_600_000;
let system: System;
let vendors: TestVendor[];
const startedAt = Date.now();

const ask = <N extends CallName>(name: N, request: CallRequest<N>) => {
  const { nc, namespace } = system.playground;
  return call({ nc, subjects: createSubjects(namespace) }, name, request);
};
const iso = (ms: number) => new Date(ms).toISOString();

beforeAll(async () => {
  system = await startSystem();
  vendors = [
    await system.createVendor({ name: 'First', balance: '1000.00' }),
    await system.createVendor({ name: 'Second', balance: '1000.00' }),
    await system.createVendor({ name: 'Idle', balance: '1000.00' }),
  ];
  const sell = (vendor: TestVendor, amount: string) =>
    system.request('POST', '/api/charges/sell/', {
      token: vendor.token,
      body: { phone_number: '+989123456789', amount },
    });
  ok(await sell(vendors[0]!, '100.00'));
  ok(await sell(vendors[0]!, '50.50'));
  expect((await sell(vendors[0]!, '5000.00')).status).toBe(402);
  const wrong = ok(await sell(vendors[1]!, '300.00'));
  ok(await sell(vendors[1]!, '200.00'));
  ok(
    await system.request('POST', `/api/admin/transactions/${wrong.transaction_id}/reverse/`, {
      body: { reason: 'Wrong number' },
    }),
  );
});
afterAll(() => system?.[Symbol.asyncDispose]());

test('sales by hour count what was posted, refused and given back', async () => {
  const { hours } = await ask('ledger.query.sales', {
    from: iso(startedAt - HOUR_MS),
    to: iso(Date.now() + 1_000),
  });
  const sums = hours.reduce(
    (sum, hour) => ({
      charged: sum.charged + Number(hour.charged),
      reversed: sum.reversed + Number(hour.reversed),
      count: sum.count + hour.count,
      rejected: sum.rejected + hour.rejected,
    }),
    { charged: 0, reversed: 0, count: 0, rejected: 0 },
  );
  expect(sums).toEqual({ charged: 650.5, reversed: 300, count: 4, rejected: 1 });
  const before = await ask('ledger.query.sales', { from: iso(startedAt - HOUR_MS), to: iso(startedAt) });
  expect(before).toEqual({ hours: [] });
});

test('more than a business day at once is refused', async () => {
  const long = ask('ledger.query.sales', { from: iso(startedAt - 27 * HOUR_MS), to: iso(startedAt) });
  await expect(long).rejects.toThrow(CallError);
});

test('the best sellers come first, without those who sold nothing', async () => {
  const [first, second] = vendors;
  expect(await ask('ledger.query.top-vendors', { limit: 10 })).toEqual({
    vendors: [
      { vendor_id: second!.id, name: 'Second', charged_today: '200.00' },
      { vendor_id: first!.id, name: 'First', charged_today: '150.50' },
    ],
    selling: 2,
  });
  const best = await ask('ledger.query.top-vendors', { limit: 1 });
  expect(best).toMatchObject({ vendors: [{ name: 'Second' }], selling: 2 });
});

test('a balance over time begins when the vendor did, and ends with what it has', async () => {
  const [first] = vendors;
  const { points } = await ask('ledger.query.balance-history', {
    vendor_id: first!.id,
    from: iso(startedAt - HOUR_MS),
    to: iso(Date.now() + 1_000),
    points: 200,
  });
  expect(points.at(-1)).toMatchObject({ balance: '849.50' });
  expect(points.length).toBeLessThan(200);
});
