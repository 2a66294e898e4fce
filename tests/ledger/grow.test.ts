import { afterAll, beforeAll, it } from 'vitest';
import type { VendorId } from '@b2b-charge/contracts';
import { charge, credit, open, command } from '../../services/ledger/simulator/given.ts';
import { decideBatch } from '../../services/ledger/src/domain/decide-batch.ts';
import { writesOf } from '../../services/ledger/src/process/commit-batch.ts';
import { createLedgerDatabase, type LedgerDatabase } from './ledger-database.ts';

const stack = new AsyncDisposableStack();
let database: LedgerDatabase;
beforeAll(async () => {
  database = stack.use(await createLedgerDatabase());
  if (process.env.SEQOFF) await database.admin.query('ALTER ROLE b2b_ledger SET enable_seqscan = off');
});
afterAll(() => stack.disposeAsync());

it('x', { timeout: 300_000 }, async () => {
  const store = await database.store('a');
  const [title] = await store.claim(1, []);
  let seq = 0;
  const go = async (batch: any[]) => {
    seq += batch.length;
    const o = await store.openBatch([{ ...title!, cursor: { seq, messageId: null, timeMs: null } }], batch);
    const d = decideBatch(batch, o.knowledge, 'Asia/Tehran');
    await o.commit(writesOf(batch, d));
  };
  const V = process.env.HOT ? 1 : 1000;
  const vs = Array.from({ length: V }, (_, i) => (i + 1) as VendorId);
  for (let i = 0; i < V; i += 250) await go(vs.slice(i, i + 250).flatMap((vendorId) => [command({ request: open(), vendorId }), command({ request: credit('9000000.00'), vendorId })]));
  let out = '';
  for (let b = 0; b < 200; b++) {
    const batch = Array.from({ length: 512 }, (_, i) => command({ request: charge('1.00'), vendorId: vs[(b * 512 + i) % V]! }));
    const t = performance.now();
    await go(batch);
    if (b % 20 === 19 || b < 2) out += ` ${b}:${(performance.now() - t).toFixed(0)}ms`;
  }
  console.log('TIMES', process.env.SEQOFF ?? '', V, out);
  await database.admin.query('ANALYZE');
  out = '';
  for (let b = 0; b < 5; b++) {
    const batch = Array.from({ length: 512 }, (_, i) => command({ request: charge('1.00'), vendorId: vs[(b * 512 + i) % V]! }));
    const t = performance.now();
    await go(batch);
    out += ` ${b}:${(performance.now() - t).toFixed(0)}ms`;
  }
  console.log('AFTER ANALYZE', out);
});
