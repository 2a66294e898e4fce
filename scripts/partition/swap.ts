import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import { refuseAudits } from './audits.ts';
import { partName } from './build.ts';
import { grants, readDependents, readTriggers } from './dependents.ts';
import { BEFORE, BUILDING, PartitionError } from './state.ts';
import { type Copied, copyTail } from './whole.ts';

/** How long the standstill waits for each lock; whoever waits for it meanwhile waits as long. */
const LOCK_MS = 5_000;
const OTHERS_END_WITHIN_MS = 5_000;
const EVERY_MS = 50;

/**
 * Puts the parts in the one table's place, in one transaction. Batches wait from the first lock on: their commands are
 * in the log, and are decided afterwards. Throws PartitionError; then nothing was changed.
 */
export async function swap(db: pg.ClientBase, partitions: number): Promise<Copied> {
  await db.query('BEGIN');
  try {
    await db.query(`SET LOCAL lock_timeout = ${LOCK_MS}`);
    // A batch moves its cursors before it reads transactions, so behind this lock none holds anything of what follows.
    await db.query('LOCK TABLE ledger.lanes IN SHARE ROW EXCLUSIVE MODE');
    // An audit raises its fence first: none begins now whose snapshot is older than the parts' last rows.
    await db.query('LOCK TABLE reconciler.run_fence IN SHARE ROW EXCLUSIVE MODE');
    await refuseAudits(db);
    await db.query('LOCK TABLE ledger.transactions IN SHARE ROW EXCLUSIVE MODE');
    const copied = await copyTail(db);
    await takePlace(db, partitions);
    await nobodyLooksBack(db);
    await db.query('COMMIT');
    return copied;
  } catch (error) {
    await db.query('ROLLBACK').catch(() => {});
    if ((error as { code?: string }).code === '55P03')
      throw new PartitionError(
        'somebody holds a lock for longer than 5 s: an audit, an export, a dump? Run it again when that is over',
        { cause: error },
      );
    throw error;
  }
}

async function takePlace(db: pg.ClientBase, partitions: number): Promise<void> {
  const triggers = await readTriggers(db);
  if (triggers.some(({ enabled }) => enabled !== 'O'))
    throw new PartitionError('a guard of ledger.transactions is switched off: npm run reconcile');
  const dependents = await readDependents(db);
  const own = await grants(db, 'TABLE ledger.transactions');
  await db.query('LOCK TABLE ledger.transactions IN ACCESS EXCLUSIVE MODE');
  for (const { drop } of [...dependents].reverse()) await db.query(drop);
  await db.query(`CREATE SCHEMA ${BEFORE}`);
  await db.query(`ALTER TABLE ledger.transactions SET SCHEMA ${BEFORE}`);
  const tables = ['transactions', ...Array.from({ length: partitions }, (_, part) => partName(part))];
  for (const table of tables) {
    await db.query(`ALTER TABLE ${BUILDING}.${table} SET SCHEMA ledger`);
    for (const { definition } of triggers)
      await db.query(definition.replace(' ON ledger.transactions ', ` ON ledger.${table} `));
  }
  await db.query(`DROP TABLE ${BUILDING}.progress`);
  await db.query(`DROP SCHEMA ${BUILDING}`);
  for (const statement of own) await db.query(statement);
  for (const { create } of dependents) for (const statement of create) await db.query(statement);
  // Nobody writes to what is kept: not even by an old plan.
  await db.query(`REVOKE ALL ON ${BEFORE}.transactions FROM PUBLIC, b2b_ledger, b2b_reconciler`);
}

/** Transactions that keep an older snapshot would see the parts empty. Batches that wait for their lane do not. */
const LOOKING_BACK = `SELECT pid, coalesce(nullif(application_name, ''), usename) AS name FROM pg_stat_activity a
  WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_xmin IS NOT NULL
    AND (state LIKE 'idle in transaction%' OR xact_start < query_start)
    AND NOT EXISTS (SELECT FROM pg_locks l WHERE l.pid = a.pid AND NOT granted
      AND relation = 'ledger.lanes'::regclass)`;

async function nobodyLooksBack(db: pg.ClientBase): Promise<void> {
  const deadline = Date.now() + OTHERS_END_WITHIN_MS;
  for (;;) {
    // Its view of the others is kept for a transaction otherwise.
    await db.query('SELECT pg_stat_clear_snapshot()');
    const { rows } = await db.query<{ pid: number; name: string }>(LOOKING_BACK);
    if (rows.length === 0) return;
    if (Date.now() > deadline)
      throw new PartitionError(
        `${rows.map(({ pid, name }) => `${name} (${pid})`).join(', ')} reads from an older snapshot: wait for its end`,
      );
    await sleep(EVERY_MS);
  }
}
