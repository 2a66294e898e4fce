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

it('no function of the ledger takes a row of a table, reads a clock or builds statements', async () => {
  const { rows } = await database.admin.query<{ name: string; takes_rows: boolean; body: string }>(
    `SELECT p.proname AS name, p.prosrc AS body, EXISTS (
       SELECT FROM unnest(p.proargtypes::oid[] || p.prorettype) AS t (type) JOIN pg_type ON pg_type.oid = t.type
       WHERE pg_type.typtype = 'c' AND pg_type.typname <> 'record') AS takes_rows
     FROM pg_proc p WHERE p.pronamespace = 'ledger'::regnamespace ORDER BY p.proname`,
  );
  expect(rows.map(({ name }) => name)).toEqual(expect.arrayContaining(['check_links', 'seq_before']));
  expect(rows.filter((row) => row.takes_rows)).toEqual([]);
  const forbidden = /\b(now\(\)|clock_timestamp|current_timestamp|statement_timestamp|EXECUTE)/i;
  expect(rows.filter(({ body }) => forbidden.test(body)).map(({ name }) => name)).toEqual([]);
});

it('a trigger reads its own table alone', async () => {
  const { rows } = await database.admin.query<{ table: string; body: string }>(
    `SELECT c.relname AS table, p.prosrc AS body
     FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_proc p ON p.oid = t.tgfoid
     WHERE c.relnamespace = 'ledger'::regnamespace AND NOT t.tgisinternal`,
  );
  expect(rows.length).toBeGreaterThan(4);
  for (const { table, body } of rows) {
    const read = [...body.matchAll(/\b(?:FROM|JOIN|INTO|UPDATE)\s+ledger\.(\w+)/g)].map(([, name]) => name);
    expect(
      read.filter((name) => name !== table),
      table,
    ).toEqual([]);
  }
});
