import pg from 'pg';
import { formatBytes, formatDuration } from './capacity/format.ts';
import { numberIn, readArguments, UsageError } from './options.ts';
import { abort, convert, dropOld, estimateMs, refuse } from './partition/convert.ts';
import { BEFORE, PartitionError, readState, type State } from './partition/state.ts';

const USAGE = `The table of transactions as partitions by hash of vendor (docs/operations.md, "Partitions").

  npm run partition -- --dry-run [--partitions N]   how large it is, and about how long it takes: copies a sample, and takes it back
  npm run partition -- --partitions N               copies it into N partitions (16 unless given) while everybody sells, proves
                                                    every chain, and lets them take its place in a short standstill
  npm run partition -- --abort                      removes what an unfinished run left
  npm run partition -- --drop-old                   removes the one table, which is kept as ${BEFORE}.transactions

Needs as much disk again as the table has. No audit, export or dump may run at the end: it says so and can be run again.
Killed, it goes on where it was. DATABASE_URL: the database as its owner, as for npm run migrate.
`;

const MOST = 256;
/** No other run of this tool meanwhile, on this database. */
const ONE_RUN = "SELECT pg_try_advisory_lock(hashtext('ledger partitions')) AS alone";

try {
  await main();
} catch (error) {
  if (!(error instanceof PartitionError || error instanceof UsageError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 2;
}

async function main(): Promise<void> {
  const { values } = readArguments({
    options: {
      partitions: { type: 'string', default: '16' },
      'dry-run': { type: 'boolean', default: false },
      abort: { type: 'boolean', default: false },
      'drop-old': { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) return say(USAGE);
  const partitions = numberIn(values, 'partitions', [2, MOST]);
  if (!Number.isInteger(partitions)) throw new UsageError('--partitions: a whole number');
  const url = process.env.DATABASE_URL;
  if (!url) throw new UsageError(`DATABASE_URL is missing\n\n${USAGE}`);
  const db = new pg.Client({ connectionString: url, application_name: 'partition' });
  await db.connect();
  try {
    if (!(await db.query(ONE_RUN)).rows[0].alone) throw new PartitionError('another run is under way');
    const state = await readState(db);
    if (values.abort) {
      await abort(db);
      return say('what an unfinished run left is removed\n');
    }
    if (values['drop-old']) {
      await dropOld(db);
      return say(`the table of before is removed: ${formatBytes(state.keptBytes)}\n`);
    }
    refuse(state, partitions);
    say(`${describe(state)}\n`);
    if (values['dry-run'])
      return say(
        `${partitions} partitions would take about ${formatDuration((await estimateMs(db, state, partitions)) / 1_000)}; ` +
          'nothing was changed\n',
      );
    await run(db, partitions);
  } finally {
    await db.end();
  }
}

function describe({ rows, tableBytes, indexBytes, progress, pages }: State): string {
  const copied =
    progress && `${((100 * progress.pages) / Math.max(1, pages)).toFixed(0)} % are copied already`;
  const size = `about ${rows.toLocaleString('en')} transactions, ${formatBytes(tableBytes)} and ${formatBytes(indexBytes)} of indexes`;
  return copied ? `${size}; ${copied}` : size;
}

async function run(db: pg.Client, partitions: number): Promise<void> {
  const startedAt = performance.now();
  let last = '';
  const { vendors, rows, tail, standstillMs } = await convert(db, {
    partitions,
    progress: (step, share) => {
      const line = `${step} ${(100 * share).toFixed(0)} %`;
      if (line !== last) say(`${line}, ${formatDuration((performance.now() - startedAt) / 1_000)}\n`);
      last = line;
    },
  });
  say(
    `${partitions} partitions: ${rows.toLocaleString('en')} transactions, the chains of ${vendors.toLocaleString('en')} vendors ` +
      `complete; ${formatDuration(standstillMs / 1_000)} of standstill, in which ${tail} rows were copied.\n` +
      `The one table is kept: npm run partition -- --drop-old, once npm run reconcile -- --full says VERIFIED.\n`,
  );
}

function say(text: string): void {
  process.stdout.write(text);
}
