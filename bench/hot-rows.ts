import path from 'node:path';
import { startFleet } from '@b2b-charge/stack';
import pg from 'pg';
import { migrate } from '../scripts/migrate.ts';
import { mix } from './load/charges.ts';

// What an hour of updates does to the rows that are changed in place, by storage settings: npm run bench:hot-rows
//
// The hour is compressed. PostgreSQL's own autovacuum is off; its rule is applied once a simulated minute (its nap), and an
// audit's snapshot, which keeps dead rows alive, is open for five of the sixty minutes.

const MINUTES = 60;
const AUDIT = { from: 20, to: 25 };
const DEFAULTS = { fillfactor: 100, threshold: 50, scale: 0.2 };
type Settings = typeof DEFAULTS;

interface Hot {
  readonly table: string;
  readonly rows: number;
  readonly fill: string;
  /** Updates of about so many rows each, in a minute. */
  readonly statements: number;
  readonly update: string;
  values(n: number): unknown[];
  readonly variants: readonly Partial<Settings>[];
}

const VENDORS = 10_000;
const some = (n: number, count: number, of: number) =>
  Array.from({ length: count }, (_, index) => 1 + (mix(n * 1_000 + index) % of));

const TABLES: readonly Hot[] = [
  {
    table: 'ledger.vendors',
    rows: VENDORS,
    fill: `INSERT INTO ledger.vendors SELECT n, 'Vendor ' || n, 'active', 1000000000, NULL, current_date, 0, 1,
      sha256(n::text::bytea), now(), now() FROM generate_series(1, ${VENDORS}) n`,
    // 100 sales a second in batches of 10.
    statements: 600,
    update: `UPDATE ledger.vendors SET balance = balance - 1, charged_today = charged_today + 1, seq = seq + 1,
      head_hash = sha256(head_hash), updated_at = now() WHERE vendor_id = ANY ($1::int[])`,
    values: (n) => [some(n, 10, VENDORS)],
    variants: [
      {},
      { fillfactor: 80 },
      { fillfactor: 50 },
      { fillfactor: 50, scale: 0.05 },
      { fillfactor: 70, scale: 0.05 },
    ],
  },
  {
    table: 'ledger.lanes',
    rows: 16,
    fill: 'INSERT INTO ledger.lanes (lane) SELECT n FROM generate_series(0, 15) n',
    // 20 batches a second, of some lanes each.
    statements: 1_200,
    update: `UPDATE ledger.lanes SET cursor_seq = cursor_seq + 1, cursor_message_id = 'order-' || cursor_seq,
      cursor_time_ms = 1790000000000 + cursor_seq, lease_until = now() WHERE lane = ANY ($1::int[])`,
    values: (n) => [some(n, 5, 16).map((lane) => lane - 1)],
    variants: [
      {},
      { fillfactor: 20 },
      { fillfactor: 20, scale: 0, threshold: 1_000 },
      { fillfactor: 10, scale: 0, threshold: 1_000 },
    ],
  },
  {
    table: 'ledger.processes',
    rows: 4,
    fill: "INSERT INTO ledger.processes SELECT 'ledger-' || n, now() FROM generate_series(1, 4) n",
    statements: 240,
    update: "UPDATE ledger.processes SET lease_until = now() WHERE process_id = 'ledger-' || $1",
    values: (n) => [1 + (n % 4)],
    variants: [{}, { fillfactor: 20 }],
  },
  {
    table: 'gateway.tokens',
    rows: VENDORS,
    fill: `INSERT INTO gateway.vendors (id, created_by) SELECT n, 'bench' FROM generate_series(1, ${VENDORS}) n;
      INSERT INTO gateway.tokens (hash, role, vendor_id, name, created_by)
        SELECT sha256(n::text::bytea), 'vendor', n, 'till', 'bench' FROM generate_series(1, ${VENDORS}) n`,
    // Each token's last use, written down every few minutes.
    statements: 60,
    update: 'UPDATE gateway.tokens SET last_used_at = now() WHERE id = ANY ($1::int[])',
    values: (n) => [some(n, 40, VENDORS)],
    variants: [{}, { fillfactor: 85 }, { fillfactor: 70 }, { fillfactor: 85, scale: 0.05 }],
  },
  {
    table: 'webhooks.endpoints',
    rows: 1_000,
    fill: `INSERT INTO webhooks.endpoints (vendor_id, url, event_types, created_by)
      SELECT n, 'https://shop-' || n || '.example/hooks', ARRAY['charge'], 'bench' FROM generate_series(1, 1000) n`,
    statements: 1_800,
    // By turns an event wakes it, a sender takes it, and it is done.
    update: `UPDATE webhooks.endpoints SET pending = CASE $2::int WHEN 0 THEN pending + 1 ELSE pending END,
      due_at = CASE $2 WHEN 0 THEN now() WHEN 2 THEN NULL ELSE due_at END,
      lease_token = CASE $2 WHEN 1 THEN gen_random_uuid() END, lease_until = CASE $2 WHEN 1 THEN now() END
      WHERE id = $1`,
    values: (n) => [1 + (mix(Math.floor(n / 3)) % 1_000), n % 3],
    variants: [{}, { fillfactor: 50 }, { scale: 0.05 }, { fillfactor: 50, scale: 0.05 }],
  },
];

await using fleet = await startFleet({
  root: path.join(import.meta.dirname, '..'),
  migrate,
  services: {},
  postgresSettings: { autovacuum: 'off', synchronous_commit: 'off' },
});
const db = new pg.Client({ connectionString: fleet.databaseUrl });
const audit = new pg.Client({ connectionString: fleet.databaseUrl });
await Promise.all([db.connect(), audit.connect()]);
try {
  print(`PostgreSQL ${fleet.postgres.version}; an hour, one audit`);
  for (const hot of TABLES)
    for (const variant of hot.variants) print(await runHour(hot, { ...DEFAULTS, ...variant }));
} finally {
  await Promise.all([db.end(), audit.end()]);
}

async function runHour(hot: Hot, settings: Settings): Promise<string> {
  const { table, rows, fill, statements, update, values } = hot;
  const run = async (text: string) => (await db.query(text)).rows;
  await run(
    'TRUNCATE ledger.vendors, ledger.lanes, ledger.processes, gateway.vendors, webhooks.endpoints RESTART IDENTITY CASCADE',
  );
  await run(`ALTER TABLE ${table} SET (fillfactor = ${settings.fillfactor})`);
  await run(fill);
  await run(`VACUUM ANALYZE ${table}`);
  await run(`SELECT pg_stat_reset_single_table_counters('${table}'::regclass)`);
  const pages = async () =>
    (
      await run(
        `SELECT pg_relation_size('${table}') / 8192 AS heap, pg_indexes_size('${table}') / 8192 AS keys`,
      )
    )[0];
  const before = await pages();
  let [vacuums, mostDead] = [0, 0];
  for (let minute = 0; minute < MINUTES; minute++) {
    if (minute === AUDIT.from)
      await audit.query('BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT 1 FROM ledger.settings');
    if (minute === AUDIT.to) await audit.query('ROLLBACK');
    for (let n = minute * statements; n < (minute + 1) * statements; n++)
      await db.query({ name: `${table} hot`, text: update, values: values(n) });
    await run('SELECT pg_stat_force_next_flush()');
    const [stat] = await run(
      `SELECT n_dead_tup::int AS dead FROM pg_stat_all_tables WHERE relid = '${table}'::regclass`,
    );
    mostDead = Math.max(mostDead, stat.dead);
    if (stat.dead > settings.threshold + settings.scale * rows) {
      await run(`VACUUM ${table}`);
      vacuums++;
    }
  }
  const [told] = await run(
    `SELECT round(100.0 * n_tup_hot_upd / n_tup_upd, 1) AS hot, n_tup_upd AS updates FROM pg_stat_all_tables WHERE relid = '${table}'::regclass`,
  );
  const after = await pages();
  const set = `fillfactor ${settings.fillfactor}, scale ${settings.scale}, threshold ${settings.threshold}`;
  return (
    `${table.padEnd(19)} ${set.padEnd(46)} ${String(told.updates).padStart(7)} updates, ${told.hot.padStart(5)} % HOT, at most ${String(mostDead).padStart(6)} dead; ` +
    `table ${before.heap} -> ${after.heap} pages, keys ${before.keys} -> ${after.keys}, ${vacuums} vacuums`
  );
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
