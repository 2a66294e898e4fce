import type pg from 'pg';

/** Where the parts are filled, under the names that they will have; and where the one table is kept afterwards. */
export const BUILDING = 'ledger_building';
export const BEFORE = 'ledger_before';

/** What stands in the way of the work, for the operator; nothing that sells was changed. */
export class PartitionError extends Error {
  override name = 'PartitionError';
}

/** How far an earlier run came. */
export interface Progress {
  readonly partitions: number;
  /** Pages of the one table that are copied. */
  readonly pages: number;
  /** The one table's file: another one (after a VACUUM FULL, say) has its rows elsewhere. */
  readonly file: number;
}

export interface State {
  /** Of ledger.transactions; 0 if it is one table. */
  readonly partitions: number;
  readonly rows: number;
  readonly tableBytes: number;
  readonly indexBytes: number;
  readonly pages: number;
  readonly pageBytes: number;
  readonly file: number;
  readonly progress: Progress | null;
  /** The one table still lies in `BEFORE`. */
  readonly keptBytes: number;
}

const STATE = `SELECT
    (SELECT count(*)::int FROM pg_inherits WHERE inhparent = c.oid) AS partitions,
    greatest(c.reltuples, 0)::float8 AS rows, pg_table_size(c.oid)::float8 AS table_bytes,
    pg_indexes_size(c.oid)::float8 AS index_bytes, pg_relation_filenode(c.oid)::int8::float8 AS file,
    pg_relation_size(c.oid)::float8 AS heap_bytes, current_setting('block_size')::int AS page_bytes,
    coalesce(pg_total_relation_size(to_regclass('${BEFORE}.transactions')), 0)::float8 AS kept_bytes,
    to_regclass('${BUILDING}.progress') IS NOT NULL AS building,
    pg_has_role(c.relowner, 'USAGE') AS owner, pg_has_role('pg_read_all_stats', 'USAGE') AS sees
  FROM pg_class c WHERE c.oid = to_regclass('ledger.transactions')`;

/** Throws PartitionError where there is no ledger, it is another role's, or this role sees too little. */
export async function readState(db: pg.ClientBase): Promise<State> {
  const [row] = (await db.query(STATE)).rows;
  if (!row) throw new PartitionError('this database has no ledger.transactions: npm run migrate first');
  if (!row.owner)
    throw new PartitionError('ledger.transactions is another role’s: DATABASE_URL as for npm run migrate');
  // Of others' sessions nothing but their number would show: also not who reads from an older snapshot.
  if (!row.sees)
    throw new PartitionError(
      'this role must see what others do: GRANT pg_read_all_stats TO it, for as long as this takes',
    );
  const progress = row.building
    ? (await db.query<Progress>(`SELECT partitions, pages::float8, file::float8 FROM ${BUILDING}.progress`))
        .rows[0]!
    : null;
  return {
    partitions: row.partitions,
    rows: row.rows,
    tableBytes: row.table_bytes,
    indexBytes: row.index_bytes,
    pages: row.heap_bytes / row.page_bytes,
    pageBytes: row.page_bytes,
    file: row.file,
    progress,
    keptBytes: row.kept_bytes,
  };
}
