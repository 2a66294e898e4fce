import path from 'node:path';
import { parseArgs } from 'node:util';
import { startFleet } from '@b2b-charge/stack';
import pg from 'pg';
import { migrate } from '../scripts/migrate.ts';
import { addSales, type Books, makeBooks } from './audit/books.ts';
import { type CliMeasure, measureCli } from './audit/measure-cli.ts';
import { publishLink } from './audit/publish-log.ts';

// How fast the reconciler proves the books: npm run bench:audit -- [--vendors=10000] [--links=100] [--rounds=3] [--log]
// With --log every transaction's command stands in the log and is compared too.

const { values } = parseArgs({
  options: {
    vendors: { type: 'string', default: '10000' },
    links: { type: 'string', default: '100' },
    rounds: { type: 'string', default: '3' },
    log: { type: 'boolean', default: false },
  },
});
const books: Books = {
  vendors: Number(values.vendors),
  linksEach: Number(values.links),
  withLog: values.log,
};
const rounds = Number(values.rounds);

await using fleet = await startFleet({
  root: path.join(import.meta.dirname, '..'),
  migrate,
  services: {},
  postgresSettings: { shared_buffers: '1GB', max_wal_size: '4GB' },
});
const environment = {
  ...fleet.environment('reconciler'),
  SIGNING_KEY_FILE: path.join(fleet.folder, 'reconciler-key.pem'),
};
const admin = new pg.Client({ connectionString: fleet.databaseUrl });
await admin.connect();
try {
  const transactions = books.vendors * books.linksEach;
  print(
    `PostgreSQL ${fleet.postgres.version}; ${count(transactions)} transactions of ${count(books.vendors)} vendors`,
  );
  await makeBooks(admin, books);
  await publish(1, books.linksEach);

  // Never two at once; the bare scan beside every audit, so that both see the same machine.
  for (let round = 1; round <= rounds; round++) {
    const scanMs = await bareScan(admin);
    report(`full audit ${round}`, await measureCli(environment, ['--full']), scanMs);
  }
  await publish(books.linksEach + 1, books.linksEach + 1);
  await addSales(admin, books);
  const scanMs = await bareScan(admin);
  report(`incremental after ${count(books.vendors)} more`, await measureCli(environment, []), scanMs);
  report('incremental after none', await measureCli(environment, []), await bareScan(admin));
} finally {
  await admin.end();
}

async function publish(from: number, to: number): Promise<void> {
  if (!books.withLog) return;
  const [gateway, credits] = [await fleet.connect('gateway'), await fleet.connect('credits')];
  for (let number = from; number <= to; number++) {
    await publishLink({ gateway, credits }, books.vendors, number);
  }
  await Promise.all([gateway.close(), credits.close()]);
}

/** What PostgreSQL needs to read the table once, in one process, adding up one column. */
async function bareScan(client: pg.Client): Promise<number> {
  await client.query('SET max_parallel_workers_per_gather = 0');
  const begun = performance.now();
  await client.query('SELECT sum(amount) FROM ledger.transactions');
  return performance.now() - begun;
}

function report(name: string, { run, wallMs, peakMib }: CliMeasure, scanMs: number): void {
  const auditMs = run.duration_ms ?? wallMs;
  const rate = Math.round((run.transactions_checked * 1_000) / auditMs);
  print(
    `${name.padEnd(30)} ${count(run.transactions_checked).padStart(10)} transactions, ${count(run.commands_checked)} commands in ${seconds(auditMs)} ` +
      `(${count(rate)}/s; whole process ${seconds(wallMs)}), peak ${peakMib.toFixed(0)} MiB, ` +
      `${(auditMs / scanMs).toFixed(1)} x a bare scan (${seconds(scanMs)}), ${run.status}`,
  );
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

function count(value: number): string {
  return value.toLocaleString('en-US');
}

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(2)} s`;
}
