import { afterAll, beforeAll, expect, test } from 'vitest';
import { ok, type System, startSystem, type TestVendor, waitFor } from '../harness.ts';

/** Sales of each of 100 clients at once; 100 in a long run. */
const CHARGES_PER_CLIENT = Number(process.env.CHARGES_PER_CLIENT ?? 30);
const CHARGES = 100 * CHARGES_PER_CLIENT;
/** The clients of one vendor ask for a tenth more. */
const BALANCE = 450 * CHARGES_PER_CLIENT;

let system: System;

beforeAll(async () => {
  system = await startSystem({ environment: { gateway: { RATE_LIMIT_POINTS: '1000000' } } });
});
afterAll(() => system[Symbol.asyncDispose]());

const balanceOf = async ({ token }: TestVendor): Promise<number> =>
  ok(await system.request('GET', '/api/vendors/balance/', { token })).balance;

/** What the database holds, by its own arithmetic: no view and no code of the services. */
async function booksOf(vendor: TestVendor) {
  const { rows } = await system.playground.sql(
    `SELECT v.balance::text AS stored, sum(CASE WHEN t.status = 'rejected' THEN 0 WHEN t.type = 'charge' THEN -t.amount
        WHEN t.type IN ('credit', 'reversal') THEN t.amount ELSE 0 END)::text AS calculated,
      min(t.balance_after)::text AS lowest, count(*)::int AS rows, max(t.seq)::int AS last,
      count(DISTINCT t.message_id)::int AS keys
    FROM ledger.vendors v JOIN ledger.transactions t USING (vendor_id) WHERE v.vendor_id = ${vendor.id} GROUP BY v.balance`,
  );
  return rows[0] as {
    stored: string;
    calculated: string;
    lowest: string;
    rows: number;
    last: number;
    keys: number;
  };
}

test('simple case: 2 vendors, 10 credits, 1,000 sales, exact balances', async () => {
  const vendors = [
    await system.createVendor({ name: 'TechCorp' }),
    await system.createVendor({ name: 'MobilePlus' }),
  ];
  const tally = new Map(vendors.map(({ id }) => [id, 0]));
  for (const vendor of vendors) {
    for (let index = 1; index <= 5; index++) {
      const amount = 100_000 * index;
      const credit = ok(
        await system.request('POST', '/api/credits/request/', { token: vendor.token, body: { amount } }),
      );
      ok(await system.request('POST', `/api/admin/credits/${credit.id}/approve`, { body: {} }));
      tally.set(vendor.id, tally.get(vendor.id)! + amount);
    }
    await waitFor(async () => (await balanceOf(vendor)) === tally.get(vendor.id));
  }
  const sell = async (vendor: TestVendor, index: number): Promise<void> => {
    const amount = 1_000 + (index % 7) * 0.25;
    const answer = await system.request('POST', '/api/charges/sell/', {
      token: vendor.token,
      body: { phone_number: `+98912${String(1_000_000 + index)}`, amount },
    });
    expect(answer.status).toBe(200);
    const before = tally.get(vendor.id)!;
    expect(answer.body.data).toMatchObject({
      balance_before: before,
      balance_after: before - amount,
      amount,
    });
    tally.set(vendor.id, before - amount);
  };
  const sellAll = async (vendor: TestVendor, first: number): Promise<void> => {
    for (let index = first; index < 1_000; index += 2) await sell(vendor, index);
  };
  await Promise.all(vendors.map(sellAll));
  for (const vendor of vendors) {
    expect(await balanceOf(vendor)).toBe(tally.get(vendor.id));
    const books = await booksOf(vendor);
    expect(Number(books.stored) / 100).toBe(tally.get(vendor.id));
    expect(books).toMatchObject({ calculated: books.stored, rows: 1 + 5 + 500, last: 506, keys: 506 });
  }
}, 240_000);

test(`100 clients at once, ${CHARGES} charges, some beyond the balance, some repeated: no discrepancy`, async () => {
  const vendors: TestVendor[] = [];
  for (let index = 0; index < 10; index++)
    vendors.push(await system.createVendor({ balance: BALANCE.toFixed(2) }));
  const posted = new Map<number, number>(vendors.map(({ id }) => [id, 0]));
  let sales = 0;
  const refused: unknown[] = [];
  const repeats: { now: object; first: object }[] = [];
  const firstAnswers = new Map<string, object>();

  async function sell(vendor: TestVendor, key: string, amount: number) {
    return system.request('POST', '/api/charges/sell/', {
      token: vendor.token,
      headers: { 'idempotency-key': key },
      body: { phone_number: '+989123456789', amount },
    });
  }
  async function client(number: number): Promise<void> {
    for (let index = 0; index < CHARGES_PER_CLIENT; index++) {
      // Every tenth is a repeat of what this client sent five charges ago.
      const step = index % 10 === 9 ? index - 5 : index;
      const vendor = vendors[(number + step) % vendors.length]!;
      const key = `client-${number}-${step}`;
      const amount = 10 + ((number + step) % 90);
      const answer = await sell(vendor, key, amount);
      const { status, body } = answer;
      const known = firstAnswers.get(`${vendor.id} ${key}`);
      firstAnswers.set(`${vendor.id} ${key}`, { status, body });
      if (known) {
        const replayed = answer.headers.get('idempotent-replayed');
        repeats.push({ now: { status, body, replayed }, first: { ...known, replayed: 'true' } });
      } else if (status === 200) {
        sales++;
        posted.set(vendor.id, posted.get(vendor.id)! + amount);
      } else refused.push({ status, code: body.error.code });
    }
  }
  await Promise.all(Array.from({ length: 100 }, (_, number) => client(number)));

  expect(repeats.map(({ now }) => now)).toEqual(repeats.map(({ first }) => first));
  expect(repeats).toHaveLength(CHARGES / 10);
  expect(refused).toEqual(refused.map(() => ({ status: 402, code: 'INSUFFICIENT_BALANCE' })));
  expect(refused.length).toBeGreaterThan(CHARGES / 100);
  expect(sales + refused.length + repeats.length).toBe(CHARGES);
  for (const vendor of vendors) {
    const books = await booksOf(vendor);
    expect(Number(books.stored) / 100).toBe(BALANCE - posted.get(vendor.id)!);
    expect(books.calculated).toBe(books.stored);
    expect(Number(books.lowest)).toBeGreaterThanOrEqual(0);
    expect(books.rows).toBe(books.last);
  }
}, 240_000);
