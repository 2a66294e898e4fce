import type { VendorId } from '@b2b-charge/contracts';
import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { NOON, TEHRAN } from '../../services/ledger/simulator/given.ts';
import { getBalanceAt } from '../../services/ledger/src/queries/get-balance-at.ts';
import { getBalanceHistory } from '../../services/ledger/src/queries/get-balance-history.ts';
import { getChain } from '../../services/ledger/src/queries/get-chain.ts';
import { getOutcome } from '../../services/ledger/src/queries/get-outcome.ts';
import { getSales } from '../../services/ledger/src/queries/get-sales.ts';
import { getTransaction } from '../../services/ledger/src/queries/get-transaction.ts';
import { getVendor } from '../../services/ledger/src/queries/get-vendor.ts';
import { listTransactions } from '../../services/ledger/src/queries/list-transactions.ts';
import { listVendors } from '../../services/ledger/src/queries/list-vendors.ts';
import { createUnpublishedReader } from '../../services/ledger/src/store/unpublished.ts';
import { BATCH, runBatch } from './batch-plans.ts';
import { type Executed, plansOf, TELL_PLANS } from './explain.ts';
import { fill } from './fill.ts';
import { createLedgerDatabase, type LedgerDatabase } from './ledger-database.ts';

const stack = new AsyncDisposableStack();
let database: LedgerDatabase;
beforeAll(async () => {
  database = stack.use(await createLedgerDatabase({ settings: TELL_PLANS }));
});
afterAll(() => stack.disposeAsync());

/** By the clock of the database, which stands at NOON. */
const ago = (seconds: number): string => new Date(NOON - seconds * 1_000).toISOString();
const page = { limit: 50, summary: false };
const BOOKS = { lanes: 16, currency: 'IRT' };

interface Asked {
  readonly pool: pg.Pool;
  readonly rows: number;
  /** Of a transaction of vendor 5 in the middle of everything. */
  readonly id: string;
}

const QUERIES: [string, (asked: Asked) => Promise<unknown>, string[]][] = [
  ['a vendor', ({ pool }) => getVendor(pool, TEHRAN, 5), ['vendors_pkey']],
  ['vendors', ({ pool }) => listVendors(pool, TEHRAN, { limit: 50, cursor: '7' }), ['vendors_pkey']],
  ['a past balance', ({ pool, rows }) => getBalanceAt(pool, 5, ago(rows / 2)), ['transactions_pkey']],
  [
    'a balance over time',
    ({ pool, rows }) => getBalanceHistory(pool, { vendor_id: 5, from: ago(rows), to: ago(0), points: 20 }),
    ['transactions_pkey'],
  ],
  [
    'sales by hour',
    ({ pool }) => getSales(pool, { from: ago(3_600), to: ago(0) }),
    ['transactions_created_at'],
  ],
  [
    'a transaction',
    ({ pool, id }) => getTransaction(pool, { id, vendor_id: 5 }, 'IRT'),
    ['transactions_pkey'],
  ],
  [
    'links of a chain',
    ({ pool }) => getChain(pool, BOOKS, { vendor_id: 5, seq: 20, around: 4 }),
    ['transactions_pkey', 'transactions_reversed_once'],
  ],
  [
    'an outcome by its key',
    ({ pool }) => getOutcome(pool, BOOKS, { vendorId: 5 as VendorId, messageId: 'key-4' }),
    ['exactly_once'],
  ],
  [
    'a vendor’s page',
    ({ pool }) => listTransactions(pool, { ...page, vendor_id: 5, cursor: '40' }, 'IRT'),
    ['transactions_pkey'],
  ],
  [
    'a vendor’s span of time',
    ({ pool, rows }) =>
      listTransactions(pool, { ...page, vendor_id: 5, from: ago(rows / 2), to: ago(rows / 4) }, 'IRT'),
    ['transactions_pkey'],
  ],
  [
    'a key among a vendor’s transactions',
    ({ pool }) => listTransactions(pool, { ...page, vendor_id: 5, message_id: 'key-4' }, 'IRT'),
    ['exactly_once'],
  ],
  [
    'a reference among a vendor’s transactions',
    ({ pool }) => listTransactions(pool, { ...page, vendor_id: 5, reference: 'order-4' }, 'IRT'),
    ['transactions_reference'],
  ],
  ['the newest of all', ({ pool }) => listTransactions(pool, page, 'IRT'), ['transactions_created_at']],
  [
    'a later page of all',
    ({ pool, id }) => listTransactions(pool, { ...page, cursor: id }, 'IRT'),
    ['transactions_created_at'],
  ],
  [
    'all in a span of time',
    ({ pool, rows }) => listTransactions(pool, { ...page, from: ago(rows), to: ago(rows / 2) }, 'IRT'),
    ['transactions_created_at'],
  ],
  [
    'events that an owner left unpublished',
    async ({ pool, rows }) => {
      const cursor = { seq: rows, messageId: null, timeMs: null };
      const published = { streamEpoch: 1, streamSeq: rows - 100, atMs: Date.parse(ago(100)) };
      const title = { lane: 0, epoch: 1, streamEpoch: 1, cursor, published };
      for await (const _ of createUnpublishedReader(pool, 16).read(title));
    },
    ['transactions_created_at', 'vendors_pkey'],
  ],
];

/** Vendors of a few pages may be read from end to end; nothing else may. */
const indexesOf = ({ by }: Executed, vendors: number) =>
  by.map((access) => (access === 'Seq Scan on vendors' && vendors <= 200 ? 'vendors_pkey' : access)).sort();

describe.each([
  { rows: 10_000, vendors: 200, idle: 0, size: 16 },
  { rows: 200_000, vendors: 2_000, idle: 100_000, size: 512 },
])('on $rows transactions', ({ rows, vendors, idle, size }) => {
  let id: string;
  beforeAll(async () => {
    await fill(database.admin, { vendors, rows, idle });
    const found = 'SELECT id FROM ledger.transactions WHERE vendor_id = 5 AND seq = 30';
    id = (await database.admin.query(found)).rows[0].id;
  });

  describe.each(['auto', 'force_generic_plan', 'force_custom_plan'])('by the plans of %s', (mode) => {
    const settings = `-c plan_cache_mode=${mode}`;
    let pool: pg.Pool;
    beforeAll(() => {
      pool = database.pool(settings);
    });

    it.each(QUERIES)('%s: by the index meant for it', async (_name, ask, indexes) => {
      const plans = await plansOf(() => ask({ pool, rows, id }));
      expect(plans).not.toEqual([]);
      const used = new Set(plans.flatMap((plan) => indexesOf(plan, vendors)));
      expect([...used].sort(), plans.map(({ text }) => text).join('\n')).toEqual(indexes);
    });

    it('a batch: everything by the index meant for it', async () => {
      const store = await database.store('a', settings);
      const plans = await plansOf(() => runBatch(store, { size, vendors, reversed: id }));
      await store.close();
      for (const [name, statement, indexes] of BATCH) {
        const executed = plans.filter(({ text }) => statement.test(text));
        expect(executed, name).toHaveLength(1);
        expect(indexesOf(executed[0]!, vendors), name).toEqual(indexes);
      }
    });
  });
});

describe('plans made for empty tables', () => {
  it('are not kept while the tables grow, though nobody analyzes them', async () => {
    await fill(database.admin, { vendors: 1, rows: 0, idle: 0 });
    await database.admin.query('ALTER TABLE ledger.transactions SET (autovacuum_enabled = off)');
    const store = await database.store('a');
    for (let batch = 0; batch < 12; batch++) await runBatch(store, { size: 500, vendors: 1 });
    const plans = await plansOf(() => runBatch(store, { size: 500, vendors: 1 }));
    for (const [name, statement, indexes] of BATCH.filter(([name]) => /known|guard/.test(name))) {
      expect(plans.find(({ text }) => statement.test(text))?.by, name).toEqual(indexes);
    }
  });
});
