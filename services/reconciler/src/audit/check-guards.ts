import { finding, type NewFinding } from '../domain/finding.ts';
import type { Reader } from './snapshot.ts';

/** What the database must refuse by itself, by the invariant that it guards. */
const CONSTRAINTS = {
  transactions_pkey: 'chain',
  exactly_once: 'exactly-once',
  effects_move_balance: 'conservation',
  rejected_moves_nothing: 'conservation',
  phone_opens_commitment: 'chain',
  transactions_balance_after_check: 'no-overdraft',
} as const;
const TRIGGERS = { append_only: 'append-only', erasure_only: 'append-only', chain_links: 'chain' } as const;

/** The table and its child tables: a child's rows appear in it, and only the child's own triggers guard them. */
const TABLES = `SELECT 'ledger.transactions'::regclass AS oid
  UNION ALL SELECT inhrelid FROM pg_inherits WHERE inhparent = 'ledger.transactions'::regclass`;

/** Says which of the guards on ledger.transactions are missing or switched off: an edit needs that first. */
export async function checkGuards(reader: Reader): Promise<NewFinding[]> {
  const constraints = await reader.query<{ name: string }>(
    `SELECT conname AS name FROM pg_constraint
     WHERE conrelid = 'ledger.transactions'::regclass AND convalidated`,
  );
  const triggers = await reader.query<{ name: string }>(
    `SELECT g.tgname AS name FROM (${TABLES}) t
     JOIN pg_trigger g ON g.tgrelid = t.oid AND NOT g.tgisinternal AND g.tgenabled IN ('O', 'A')
     GROUP BY g.tgname HAVING count(*) = (SELECT count(*) FROM (${TABLES}) tables)`,
  );
  const present = new Set([...constraints, ...triggers].map((row) => row.name));
  return Object.entries({ ...CONSTRAINTS, ...TRIGGERS })
    .filter(([name]) => !present.has(name))
    .map(([name, check]) =>
      finding({
        check,
        message: `the database no longer guards ledger.transactions by ${name}`,
        expected: name,
        found: 'missing or switched off',
      }),
    );
}

/** Two outcomes under one key; only looked for when the unique key that forbids them is gone. */
export async function checkDuplicates(reader: Reader, vendorId: number | null): Promise<NewFinding[]> {
  const rows = await reader.query<{ vendor_id: number; message_id: string; rows: string; seq: string }>(
    `SELECT vendor_id, message_id, count(*) AS rows, max(seq) AS seq FROM ledger.transactions
     WHERE $1::int IS NULL OR vendor_id = $1
     GROUP BY vendor_id, message_id HAVING count(*) > 1 ORDER BY vendor_id LIMIT 100`,
    [vendorId],
  );
  return rows.map((row) =>
    finding({
      check: 'exactly-once',
      message: `message ${row.message_id} has several outcomes`,
      vendorId: row.vendor_id,
      seq: Number(row.seq),
      expected: 1,
      found: row.rows,
    }),
  );
}
