import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { MessageId, VendorId } from '@b2b-charge/contracts';
import { charge, command, idOf, NOON, reverse } from '../../services/ledger/simulator/given.ts';
import { decideBatch } from '../../services/ledger/src/domain/decide-batch.ts';
import { writesOf } from '../../services/ledger/src/process/commit-batch.ts';
import { createUnpublishedReader } from '../../services/ledger/src/store/unpublished.ts';
import { getBalanceAt } from '../../services/ledger/src/queries/get-balance-at.ts';
import { getOutcome } from '../../services/ledger/src/queries/get-outcome.ts';
import { getTransaction } from '../../services/ledger/src/queries/get-transaction.ts';
import { getVendor } from '../../services/ledger/src/queries/get-vendor.ts';
import { listTransactions } from '../../services/ledger/src/queries/list-transactions.ts';
import { listVendors } from '../../services/ledger/src/queries/list-vendors.ts';
import { explain, statementsOf } from './explain.ts';
import { createLedgerDatabase, type LedgerDatabase } from './ledger-database.ts';
import { fill } from './fill.ts';

const stack = new AsyncDisposableStack();
let database: LedgerDatabase;
beforeAll(async () => {
  database = stack.use(await createLedgerDatabase());
});
afterAll(() => stack.disposeAsync());

it('x', { timeout: 100_000 }, async () => {
  for (const [vendors, rows] of [[20, 400], [200, 10_000], [2_000, 200_000]] as const) {
    await fill(database.admin, { vendors, rows });
    const store = await database.store('a');
    const [title] = await store.claim(1, []);
    const id = (await database.admin.query('SELECT id FROM ledger.transactions WHERE vendor_id = 5 AND seq = 3')).rows[0].id;
    const batch = [
      ...Array.from({ length: Math.min(vendors, 300) }, (_, i) => command({ request: charge('1.00'), vendorId: (i + 1) as VendorId, key: `new-${rows}-${i}` })),
      command({ request: reverse(id), vendorId: 5 as VendorId, streamEpoch: 2 }),
      command({ request: {type:'rebuild'}, vendorId: 5 as VendorId, streamEpoch: 2 }),
    ];
    const sent = await statementsOf(async () => {
      const open = await store.openBatch([{ ...title!, cursor: { seq: 1, messageId: null, timeMs: null } }], batch);
      const decided = decideBatch(batch, open.knowledge, 'Asia/Tehran');
      await open.commit(writesOf(batch, decided)).catch((e) => console.log(String(e)));
      await store.rollback();
      await store.renew([title!]);
      await getVendor(database.pool, 'Asia/Tehran', 5);
      await listVendors(database.pool, 'Asia/Tehran', { limit: 50 });
      await getBalanceAt(database.pool, 5, new Date(NOON).toISOString());
      await getTransaction(database.pool, id, 5);
      await getOutcome(database.pool, 16, { vendorId: 5 as VendorId, messageId: 'x' });
      const q = { summary: false, limit: 50 };
      await listTransactions(database.pool, { ...q, vendor_id: 5 });
      await listTransactions(database.pool, { ...q, vendor_id: 5, cursor: '3', summary: true });
      await listTransactions(database.pool, { ...q, vendor_id: 5, from: '2026-11-23T00:00:00Z', to: '2026-11-23T05:00:00Z' });
      await listTransactions(database.pool, { ...q, vendor_id: 5, message_id: 'x' });
      await listTransactions(database.pool, { ...q });
      await listTransactions(database.pool, { ...q, from: '2026-11-23T00:00:00Z', to: '2026-11-23T00:10:00Z' });
      await listTransactions(database.pool, { ...q, cursor: id });
      const reader = createUnpublishedReader(database.pool, 16);
      for await (const _ of reader.read({ lane: 0, epoch: 1, streamEpoch: 1, cursor: { seq: 1e9, messageId: null, timeMs: null }, published: { streamEpoch: 1, streamSeq: rows - 1000, atMs: Date.parse('2026-11-23T00:00:00Z') + (rows - 300) * 1000 } }));
    });
    for (const s of sent) {
      if (/^(BEGIN|COMMIT|ROLLBACK|SELECT set_config|SET)/.test(s.text)) continue;
      const res = [];
      for (const mode of ['custom', 'generic'] as const) res.push(await explain(database.admin, s, mode).then((x) => x.join(' + '), (e) => String(e)));
      console.log(rows, s.name.replace(/\s+/g, ' ').replace(/^SELECT .* WHERE/, 'WHERE').slice(0, 110), '\n      ', res.join(' || '));
    }
    await store.close();
  }
});
