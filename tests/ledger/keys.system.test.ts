import { afterAll, beforeAll, expect, it } from 'vitest';
import { createLedgerDatabase, type LedgerDatabase } from './ledger-database.ts';

/** Tables that are not about one vendor. */
const NOT_OF_A_VENDOR = ['dead_letters', 'erasures', 'lanes', 'processes', 'resubmissions', 'settings'];

const stack = new AsyncDisposableStack();
let database: LedgerDatabase;
beforeAll(async () => {
  database = stack.use(await createLedgerDatabase());
});
afterAll(() => stack.disposeAsync());

it('every primary and unique key of a table of vendors leads with vendor_id', async () => {
  const { rows } = await database.admin.query<{ table: string; key: string; leads: string }>(
    `SELECT c.relname AS table, k.relname AS key, a.attname AS leads
     FROM pg_index i
     JOIN pg_class c ON c.oid = i.indrelid
     JOIN pg_class k ON k.oid = i.indexrelid
     JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = i.indkey[0]
     WHERE c.relnamespace = 'ledger'::regnamespace AND i.indisunique AND c.relname NOT LIKE '%migration%'
       AND c.relname <> ALL ($1)`,
    [NOT_OF_A_VENDOR],
  );
  expect(rows.map(({ table }) => table)).toEqual(
    expect.arrayContaining(['vendors', 'transactions', 'expirations']),
  );
  expect(rows.filter(({ leads }) => leads !== 'vendor_id')).toEqual([]);
});

it('no foreign key leads out of a vendor’s own rows', async () => {
  const { rows } = await database.admin.query(
    `SELECT conname FROM pg_constraint WHERE contype = 'f' AND connamespace = 'ledger'::regnamespace
       AND (conrelid::regclass::text <> ALL ($1) OR confrelid::regclass::text <> ALL ($1))
       AND NOT EXISTS (SELECT FROM pg_attribute a, pg_attribute f
         WHERE a.attrelid = conrelid AND a.attnum = conkey[1] AND a.attname = 'vendor_id'
           AND f.attrelid = confrelid AND f.attnum = confkey[1] AND f.attname = 'vendor_id')`,
    [NOT_OF_A_VENDOR.map((name) => `ledger.${name}`)],
  );
  expect(rows).toEqual([]);
});

it('every other table is named here', async () => {
  const { rows } = await database.admin.query<{ name: string }>(
    `SELECT c.relname AS name FROM pg_class c
     WHERE c.relnamespace = 'ledger'::regnamespace AND c.relkind IN ('r', 'p') AND c.relname NOT LIKE '%migration%'
       AND NOT EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'vendor_id')
     ORDER BY c.relname`,
  );
  expect(rows.map(({ name }) => name)).toEqual(NOT_OF_A_VENDOR);
});
