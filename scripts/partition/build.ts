import type pg from 'pg';
import { BUILDING } from './state.ts';

const NEW = `${BUILDING}.transactions`;

export const partName = (part: number): string => `transactions_p${String(part).padStart(2, '0')}`;

/** The empty parts, with the one table's columns and checks, and nobody's right to them. */
export async function createParts(db: pg.ClientBase, partitions: number, file: number): Promise<void> {
  const { rows } = await db.query<{ options: string | null }>(
    "SELECT array_to_string(reloptions, ', ') AS options FROM pg_class WHERE oid = 'ledger.transactions'::regclass",
  );
  const options = rows[0]!.options ? `WITH (${rows[0]!.options})` : '';
  await db.query(`CREATE SCHEMA ${BUILDING}`);
  await db.query(`CREATE TABLE ${BUILDING}.progress (partitions int, pages bigint, file bigint)`);
  await db.query(`INSERT INTO ${BUILDING}.progress VALUES ($1, 0, $2)`, [partitions, file]);
  await db.query(`CREATE TABLE ${NEW} (LIKE ledger.transactions INCLUDING DEFAULTS INCLUDING CONSTRAINTS
    INCLUDING COMMENTS INCLUDING STORAGE INCLUDING STATISTICS) PARTITION BY HASH (vendor_id)`);
  for (let part = 0; part < partitions; part++) {
    await db.query(`CREATE TABLE ${BUILDING}.${partName(part)} PARTITION OF ${NEW}
      FOR VALUES WITH (MODULUS ${partitions}, REMAINDER ${part}) ${options}`);
  }
}

/** Copies the pages from `from` up to `to` as they lie, which keeps the rows in the order of time for the BRIN index. */
export async function copyPages(db: pg.ClientBase, from: number, to: number): Promise<number> {
  const { rowCount } = await db.query(`INSERT INTO ${NEW} SELECT * FROM ledger.transactions
    WHERE ctid >= '(${from},0)'::tid AND ctid < '(${to},0)'::tid`);
  await db.query(`UPDATE ${BUILDING}.progress SET pages = $1`, [to]);
  return rowCount ?? 0;
}

interface Key {
  readonly name: string;
  /** Of a constraint; null for an index that is none. */
  readonly constraint: string | null;
  readonly index: string;
}

const KEYS = `SELECT k.relname AS name, pg_get_constraintdef(c.oid) AS constraint, pg_get_indexdef(k.oid) AS index
  FROM pg_index i JOIN pg_class k ON k.oid = i.indexrelid
  LEFT JOIN pg_constraint c ON c.conindid = k.oid AND c.conrelid = i.indrelid
  WHERE i.indrelid = 'ledger.transactions'::regclass ORDER BY i.indisprimary DESC, k.oid`;

/** The one table's keys and indexes, part by part under names of their own, then the whole's, which takes them for its. */
export async function createKeys(
  db: pg.ClientBase,
  partitions: number,
  done: (share: number) => void = () => {},
): Promise<void> {
  const { rows: keys } = await db.query<Key>(KEYS);
  const parts = Array.from({ length: partitions }, (_, part) => part);
  let made = 0;
  for (const key of keys) {
    for (const part of parts) {
      const suffix = partName(part).replace('transactions', '');
      await createKey(db, key, partName(part), key.name + suffix);
      done(++made / (keys.length * partitions));
    }
    await createKey(db, key, 'transactions', key.name);
  }
}

async function createKey(db: pg.ClientBase, key: Key, table: string, name: string): Promise<void> {
  const found = await db.query('SELECT to_regclass($1) AS known', [`${BUILDING}.${name}`]);
  if (found.rows[0].known !== null) return;
  if (key.constraint) {
    await db.query(`ALTER TABLE ${BUILDING}.${table} ADD CONSTRAINT ${name} ${key.constraint}`);
    return;
  }
  const [, unique = '', definition] = /^CREATE (UNIQUE )?INDEX \S+ ON \S+ (.*)$/s.exec(key.index)!;
  await db.query(`CREATE ${unique}INDEX ${name} ON ${BUILDING}.${table} ${definition}`);
}
