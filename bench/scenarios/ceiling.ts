import { runCeiling } from '../compare/ceiling.ts';
import type { Database } from '../harness/database.ts';
import type { Figure } from '../harness/figure.ts';
import type { Scenario } from './scope.ts';

const COUNT = 200_000;
const QUICK_COUNT = 40_000;

interface Way {
  readonly name: string;
  readonly title: string;
  readonly size: number;
  readonly writeOnly?: boolean;
  readonly bare?: boolean;
  readonly quick?: boolean;
}

const WAYS: readonly Way[] = [
  { name: 'ceiling-512', title: 'bare loop, batches of 512: lock, write, commit', size: 512, quick: true },
  { name: 'ceiling-128', title: 'bare loop, batches of 128', size: 128 },
  {
    name: 'ceiling-write',
    title: 'bare loop, 512, no reading at all: one round trip',
    size: 512,
    writeOnly: true,
  },
  {
    name: 'ceiling-bare',
    title: 'bare loop, 512, without triggers, checks and unique keys',
    size: 512,
    bare: true,
  },
];

/** What this PostgreSQL takes from a loop that does nothing else. */
export const ceiling: Scenario = {
  name: 'ceiling',
  about: 'the same rows by a bare loop of batched debits, without any of the services',
  quick: true,
  async run({ stage, services, quick, prefix }) {
    await services.want({ ledgers: 0, gateways: 0 });
    const figures: Figure[] = [];
    for (const way of WAYS.filter((one) => one.quick || !quick)) {
      const database = await stage.cloneShop('ceiling');
      if (way.bare) await strip(database);
      const figure = await runCeiling(stage, database, {
        ...way,
        prefix: prefix(way.name),
        count: quick ? QUICK_COUNT : COUNT,
      });
      figures.push({
        notes: [],
        discrepancies: [],
        ...figure,
        scenario: way.name,
        group: 'ceiling',
        title: way.title,
      });
    }
    return figures;
  },
};

/** What the rows cost without anything that watches over them; the primary key stays, for the books are checked by it. */
async function strip(database: Database): Promise<void> {
  await database.connected(async (client) => {
    await client.query('ALTER TABLE ledger.transactions DISABLE TRIGGER ALL');
    const { rows } = await client.query<{ name: string }>(
      `SELECT conname AS name FROM pg_constraint
       WHERE conrelid = 'ledger.transactions'::regclass AND contype IN ('c', 'u')`,
    );
    for (const { name } of rows)
      await client.query(`ALTER TABLE ledger.transactions DROP CONSTRAINT ${name}`);
  });
}
