import type pg from 'pg';
import { waitForAudits } from './audits.ts';
import { copyPages, createKeys, createParts } from './build.ts';
import { BEFORE, BUILDING, PartitionError, readState, type State } from './state.ts';
import { swap } from './swap.ts';
import { type Copied, copyTail, noteWhole } from './whole.ts';

/** 32 MB: a transaction of a second or so. */
const PAGES_AT_ONCE = 4_096;
/** Rows that a standstill copies in a tenth of a second or so. */
const LITTLE = 2_000;
const ROUNDS = 10;

export interface Converted extends Copied {
  readonly standstillMs: number;
}

interface Options {
  readonly partitions: number;
  /** How long to wait for the end of an audit. */
  readonly auditsWithinMs?: number;
  readonly progress: (step: string, share: number) => void;
}

/** Throws PartitionError where there is nothing to do, or another number was begun with. */
export function refuse({ partitions, progress, keptBytes, file }: State, wanted: number): void {
  if (partitions > 0) throw new PartitionError(`ledger.transactions has ${partitions} partitions already`);
  if (keptBytes > 0)
    throw new PartitionError(`the schema ${BEFORE} holds a table of transactions: what is it?`);
  if (!progress) return;
  if (progress.partitions !== wanted)
    throw new PartitionError(
      `${progress.partitions} partitions were begun with: --abort, or go on with those`,
    );
  if (progress.file !== file)
    throw new PartitionError('the table was rewritten since (VACUUM FULL?): --abort, and begin again');
}

/**
 * Copies the table into partitions while everybody sells, and lets them take its place in a standstill as long as the
 * newest rows take. Killed, it goes on where it was.
 */
export async function convert(
  db: pg.ClientBase,
  { partitions, progress, auditsWithinMs = 120_000 }: Options,
): Promise<Converted> {
  const begun = await readState(db);
  refuse(begun, partitions);
  if (!begun.progress) await inTransaction(db, () => createParts(db, partitions, begun.file));
  let from = begun.progress?.pages ?? 0;
  for (let { pages } = begun; from < pages; pages = (await readState(db)).pages) {
    const to = Math.min(pages, from + PAGES_AT_ONCE);
    await inTransaction(db, () => copyPages(db, from, to));
    from = to;
    progress('rows', from / pages);
  }
  await createKeys(db, partitions, (share) => progress('keys', share));
  // For the plans of the first batch after it, and so that nobody has to mark the copied rows as seen.
  await db.query(`VACUUM (ANALYZE) ${BUILDING}.transactions`);
  await noteWhole(db);
  await comeNear(db);
  progress('chains', 1);
  await waitForAudits(db, auditsWithinMs);
  const startedAt = performance.now();
  const copied = await swap(db, partitions);
  return { ...copied, standstillMs: performance.now() - startedAt };
}

/** What was sold while the keys were made: in rounds, each shorter, so that little is left for the standstill. */
async function comeNear(db: pg.ClientBase): Promise<void> {
  for (let round = 0, tail = Number.POSITIVE_INFINITY; round < ROUNDS && tail > LITTLE; round++)
    await inTransaction(db, async () => {
      ({ tail } = await copyTail(db));
    });
}

/** Copies a sample, keys and all, and takes it back. Milliseconds for the whole. */
export async function estimateMs(db: pg.ClientBase, state: State, partitions: number): Promise<number> {
  const pages = Math.min(state.pages, PAGES_AT_ONCE);
  await db.query('BEGIN');
  try {
    const startedAt = performance.now();
    await createParts(db, partitions, state.file);
    await copyPages(db, 0, pages);
    await createKeys(db, partitions);
    return (performance.now() - startedAt) * Math.max(1, state.pages / Math.max(1, pages));
  } finally {
    await db.query('ROLLBACK');
  }
}

/** Removes what an unfinished run left. */
export async function abort(db: pg.ClientBase): Promise<void> {
  await db.query(`DROP SCHEMA IF EXISTS ${BUILDING} CASCADE`);
}

/** Removes the one table that was kept. */
export async function dropOld(db: pg.ClientBase): Promise<void> {
  const { partitions, keptBytes } = await readState(db);
  if (partitions === 0 || keptBytes === 0) throw new PartitionError('there is no table of before');
  await db.query(`DROP SCHEMA ${BEFORE} CASCADE`);
}

async function inTransaction(db: pg.ClientBase, work: () => Promise<unknown>): Promise<void> {
  await db.query('BEGIN');
  try {
    // What a crash takes of it, it takes with the note of how far the copy is.
    await db.query('SET LOCAL synchronous_commit = off');
    await work();
    await db.query('COMMIT');
  } catch (error) {
    await db.query('ROLLBACK').catch(() => {});
    throw error;
  }
}
