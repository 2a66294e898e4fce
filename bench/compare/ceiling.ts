import pg from 'pg';
import { INSERT_TRANSACTIONS } from '../../services/ledger/src/store/write-batch.ts';
import { checkBooks } from '../harness/books.ts';
import type { Database } from '../harness/database.ts';
import type { Figure } from '../harness/figure.ts';
import { clockOf, costs } from '../harness/measure.ts';
import { Meter } from '../harness/meter.ts';
import type { Stage } from '../harness/stage.ts';
import { noAnswers } from '../load/plan.ts';
import { makeBatches } from './ceiling-rows.ts';

export interface CeilingOptions {
  readonly size: number;
  readonly count: number;
  readonly prefix: string;
  /** Without reading the vendors first: one round trip a batch, as a writer that knows its vendors may. */
  readonly writeOnly?: boolean;
}

const LOCK = {
  name: 'lock',
  text: 'SELECT vendor_id, balance, seq FROM ledger.vendors WHERE vendor_id = ANY ($1::int[]) ORDER BY vendor_id FOR UPDATE',
};
const UPDATE = {
  name: 'update',
  text: `UPDATE ledger.vendors v SET balance = n.balance, seq = n.seq, head_hash = n.head_hash,
      business_day = n.business_day, charged_today = n.charged_today, updated_at = n.updated_at
    FROM unnest($1::int[], $2::bigint[], $3::bigint[], $4::bytea[], $5::date[], $6::bigint[], $7::timestamptz[])
      AS n (vendor_id, balance, seq, head_hash, business_day, charged_today, updated_at)
    WHERE v.vendor_id = n.vendor_id`,
};

/**
 * How many debits a second this PostgreSQL takes over one connection from a loop that does nothing else: the same rows
 * in the same tables with the same indexes, constraints and triggers, decided beforehand, in batches of a size.
 */
export async function runCeiling(
  stage: Stage,
  database: Database,
  options: CeilingOptions,
): Promise<Partial<Figure>> {
  const { size, count, prefix, writeOnly = false } = options;
  const since = await clockOf(database);
  const batches = await makeBatches(database, { vendors: stage.shop.vendors, count, size, prefix });
  await using meter = await Meter.open(stage, { database });
  const client = new pg.Client({ connectionString: database.url, pipeline: true } as pg.ClientConfig);
  await client.connect();
  // The first tenth warms caches and plans up.
  const cold = Math.ceil(batches.length / 10);
  let startedAt = 0;
  for (const [index, batch] of batches.entries()) {
    if (index === cold) {
      await meter.begin(process.pid);
      startedAt = performance.now();
    }
    const begun = client.query('BEGIN');
    if (!writeOnly) await Promise.all([begun, client.query({ ...LOCK, values: [batch.ids] })]);
    const [, , , committed] = await Promise.all([
      begun,
      client.query({ ...INSERT_TRANSACTIONS, values: batch.transactions }),
      client.query({ ...UPDATE, values: batch.vendors }),
      client.query('COMMIT'),
    ]);
    if (committed.command !== 'COMMIT') throw new Error('a batch was rolled back');
  }
  const seconds = (performance.now() - startedAt) / 1_000;
  const measured = batches.slice(cold).reduce((sum, batch) => sum + batch.size, 0);
  const spent = await meter.end();
  await client.end();
  const told = {
    prefix,
    total: { ...noAnswers(), sold: count },
    sent: count,
    soldIndexes: (count * (count - 1)) / 2,
  };
  return {
    outcomesPerS: measured / seconds,
    ...costs(spent, measured),
    chargesPerBatch: size,
    discrepancies: await checkBooks(database, [told], since),
  };
}
