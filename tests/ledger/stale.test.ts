import { afterAll, beforeAll, it } from 'vitest';
import type { VendorId } from '@b2b-charge/contracts';
import { charge, command, reverse, idOf } from '../../services/ledger/simulator/given.ts';
import { accessesOf, statementsOf } from './explain.ts';
import { createLedgerDatabase, type LedgerDatabase } from './ledger-database.ts';
import { fill } from './fill.ts';

const stack = new AsyncDisposableStack();
let database: LedgerDatabase;
beforeAll(async () => {
  database = stack.use(await createLedgerDatabase());
});
afterAll(() => stack.disposeAsync());

it('x', { timeout: 100_000 }, async () => {
  const store = await database.store('a');
  const [title] = await store.claim(1, []);
  for (const size of [1, 300]) {
  const batch = Array.from({ length: size }, (_, i) => command({ request: i % 10 === 1 ? reverse(idOf((i + 1) as VendorId, 3)) : charge('1.00'), vendorId: (i + 1) as VendorId }));
  const sent = (await statementsOf(async () => {
    await store.openBatch([{ ...title!, cursor: { seq: 1, messageId: null, timeMs: null } }], batch);
    await store.rollback();
  })).filter((s) => /^batch/.test(s.name));
  const client = await database.connect(); await client.query('SET enable_seqscan = off');
  const lit = (v: unknown) => v === null ? 'NULL' : `'${String(v).replaceAll("'", "''")}'`;
  const call = (s: any) => `EXECUTE "${s.name}"${s.values.length ? `(${s.values.map(lit).join(',')})` : ''}`;
  for (const s of sent) { await client.query(`PREPARE "${s.name}" AS ${s.text}`); for (let i = 0; i < 10; i++) await client.query(call(s)); }
  const show = async (label: string) => { for (const s of sent) { if (s.name === 'batch-now') continue;
    const { rows } = await client.query(`EXPLAIN (FORMAT JSON) ${call(s)}`);
    const g = await client.query('SELECT generic_plans, custom_plans FROM pg_prepared_statements WHERE name = $1', [s.name]);
    console.log(size, label, s.name, accessesOf(rows[0]['QUERY PLAN'][0].Plan).join(' + '), JSON.stringify(g.rows[0])); } };
  await show('empty');
  await database.admin.query("SET session_replication_role = 'replica'");
  await fill(database.admin, { vendors: 2000, rows: 100_000 }, false);
  await show('grown');
  await database.admin.query('VACUUM ANALYZE ledger.transactions, ledger.vendors');
  await show('analyzed');
  await database.admin.query("SET session_replication_role = 'replica'");
  await database.admin.query('TRUNCATE ledger.transactions, ledger.vendors');
  }
});
