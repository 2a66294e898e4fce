import path from 'node:path';
import type { VendorId } from '@b2b-charge/contracts';
import { createPool } from '@b2b-charge/runtime';
import { asService, startFleet } from '@b2b-charge/stack';
import type pg from 'pg';
import { migrate } from '../scripts/migrate.ts';
import { numberIn, readArguments } from '../scripts/options.ts';
import { convert } from '../scripts/partition/convert.ts';
import { charge, command } from '../services/ledger/simulator/given.ts';
import { decideBatch } from '../services/ledger/src/domain/decide-batch.ts';
import { writesOf } from '../services/ledger/src/process/commit-batch.ts';
import type { LaneTitle } from '../services/ledger/src/process/ports.ts';
import { getChain } from '../services/ledger/src/queries/get-chain.ts';
import { getOutcome } from '../services/ledger/src/queries/get-outcome.ts';
import { listTransactions } from '../services/ledger/src/queries/list-transactions.ts';
import { PgStore } from '../services/ledger/src/store/pg-store.ts';
import { makeBooks } from './audit/books.ts';
import { measureCli } from './audit/measure-cli.ts';
import { cloneDatabase, type Database, databaseAt } from './harness/database.ts';
import { mix } from './load/charges.ts';

// The same books as one table and as partitions, by turns: npm run bench:partitions -- [--rows=1000000] [--partitions=16]
// [--audits=2]: full audits of each

const ZONE = 'Asia/Tehran';
const LINKS_EACH = 500;
const ROUNDS = 5;
const { values } = readArguments({
  options: {
    rows: { type: 'string', default: '1000000' },
    partitions: { type: 'string', default: '16' },
    audits: { type: 'string', default: '2' },
  },
});
const partitions = numberIn(values, 'partitions', [2, 256]);
const vendors = Math.ceil(numberIn(values, 'rows', [1_000, 1e8]) / LINKS_EACH);
const print = (line: string) => void process.stdout.write(`${line}\n`);

const servers = () =>
  startFleet({
    root: path.join(import.meta.dirname, '..'),
    migrate,
    services: {},
    postgresSettings: { shared_buffers: '1GB', max_wal_size: '4GB' },
  });
await using fleet = await servers();
await using other = await servers();
const one = databaseAt(fleet.databaseUrl);
await one.connected((client) => makeBooks(client, { vendors, linksEach: LINKS_EACH, withLog: false }));
const parts = await cloneDatabase(one, 'parts');
await parts.connected(async (client) => {
  const startedAt = performance.now();
  const { rows, standstillMs } = await convert(client, { partitions, progress: () => {} });
  const seconds = ((performance.now() - startedAt) / 1_000).toFixed(1);
  print(
    `PostgreSQL ${fleet.postgres.version}: ${rows.toLocaleString('en')} transactions of ${vendors} vendors into ${partitions} ` +
      `partitions in ${seconds} s, ${standstillMs.toFixed(0)} ms of them a standstill`,
  );
});

await using ours = new AsyncDisposableStack();
const sides = [await openSide(one), await openSide(parts)] as const;
interface Side {
  readonly database: Database;
  readonly pool: pg.Pool;
  readonly store: PgStore;
  title: LaneTitle;
}

async function openSide(database: Database): Promise<Side> {
  const common = {
    url: asService(database.url, 'ledger', fleet.secrets.roles),
    applicationName: 'bench',
    statementTimeoutMs: 60_000,
  };
  const pool = createPool({ ...common, max: 1 });
  ours.defer(() => pool.end());
  const store = new PgStore({
    ...common,
    idleInTransactionTimeoutMs: 60_000,
    processId: 'bench',
    lanes: 16,
    leaseMs: 600_000,
    timeZone: ZONE,
  });
  await store.connect();
  ours.defer(() => store.close());
  const [title] = await store.claim(1, []);
  return { database, pool, store, title: title! };
}

let sent = 0;
async function batch({ store, title }: Side, size: number): Promise<void> {
  const entries = Array.from({ length: size }, () => {
    const vendorId = (1 + (mix(++sent) % vendors)) as VendorId;
    return command({ request: charge('1.00'), vendorId, key: `bench-${sent}`, streamSeq: sent });
  });
  const cursor = { seq: sent, messageId: null, timeMs: null };
  const begun = await store.openBatch([{ ...title, cursor }], entries);
  await begun.commit(writesOf(entries, decideBatch(entries, begun.knowledge, ZONE)));
}

const anyone = () => 1 + (mix(++sent) % vendors);
const anywhere = () => 3 + (mix(++sent) % (LINKS_EACH - 3));
type Work = (side: Side) => Promise<unknown>;
const WORKS: readonly [string, number, Work][] = [
  ...[1, 32, 512].map((size): [string, number, Work] => [
    `batch of ${size}`,
    size === 512 ? 40 : 200,
    (side) => batch(side, size),
  ]),
  [
    'batch of 32 on a new connection',
    20,
    async (side) => {
      await side.store.connect();
      // A store that begins anew knows no lane.
      [side.title] = (await side.store.claim(1, [])) as [LaneTitle];
      await batch(side, 32);
    },
  ],
  [
    'outcome by key',
    1_000,
    ({ pool }) => {
      const vendor = anyone();
      const key = `till-${vendor}-order-${anywhere()}`;
      return getOutcome(pool, 16, { vendorId: vendor as VendorId, messageId: key });
    },
  ],
  [
    'nine links of a chain',
    500,
    ({ pool }) => getChain(pool, 16, { vendor_id: anyone(), seq: anywhere(), around: 4 }),
  ],
  [
    'a vendor’s page',
    300,
    ({ pool }) => listTransactions(pool, { vendor_id: anyone(), limit: 50, summary: false }),
  ],
  ['the newest of all', 50, ({ pool }) => listTransactions(pool, { limit: 50, summary: false })],
];

for (let round = 1; round <= numberIn(values, 'audits', [0, 10]); round++) {
  const rates: number[] = [];
  for (const [index, { database }] of sides.entries()) {
    // An audit publishes its checkpoints: those of the parts go to a stream of their own.
    const { folder, environment } = index === 0 ? fleet : other;
    const { run } = await measureCli(
      {
        ...environment('reconciler'),
        DATABASE_URL: asService(database.url, 'reconciler', fleet.secrets.roles),
        SIGNING_KEY_FILE: path.join(folder, 'reconciler-key.pem'),
      },
      ['--full'],
    );
    rates.push((run.duration_ms ?? Number.NaN) / run.transactions_checked);
  }
  report(
    `full audit ${round}, a transaction`,
    rates.map((ms) => ms * 1_000),
    'µs',
  );
}

for (const [name, times, work] of WORKS) {
  const spent: [number[], number[]] = [[], []];
  for (let round = 0; round <= ROUNDS; round++) {
    for (const [index, side] of sides.entries()) {
      const startedAt = performance.now();
      for (let n = 0; n < times; n++) await work(side);
      // The first round warms caches and plans up.
      if (round > 0) spent[index as 0 | 1].push((performance.now() - startedAt) / times);
    }
  }
  report(name, spent.map(median), 'ms');
}

function report(name: string, [table, divided]: readonly number[], unit: string): void {
  print(
    `${name.padEnd(34)} one table ${table!.toFixed(2).padStart(8)} ${unit}, partitions ${divided!.toFixed(2).padStart(8)} ${unit}, ` +
      `${(divided! / table!).toFixed(2)} times`,
  );
}

function median(all: readonly number[]): number {
  return all.toSorted((a, b) => a - b)[all.length >> 1]!;
}
