import { readFileSync } from 'node:fs';
import path from 'node:path';
import { SERVICES, type ServiceName } from '@b2b-charge/contracts';
import { createKysely, createPool, isAway, roleOf } from '@b2b-charge/runtime';
import {
  asService,
  type Fleet,
  type PgBouncer,
  serverSources,
  startFleet,
  startGuardian,
  startPgBouncer,
} from '@b2b-charge/stack';
import { sql } from 'kysely';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { migrate } from '../../scripts/migrate.ts';
import { SETTINGS } from '../../scripts/settings-schemas.ts';
import { underLoad } from '../upgrade/under-load.ts';
import { Askers } from './askers.ts';

/** Real services through a real PgBouncer in transaction mode, with the configuration that deploy/pgbouncer delivers. */

const ROOT = path.join(import.meta.dirname, '../..');
const stack = new AsyncDisposableStack();
/** A gateway is not ready before there is a ledger. */
const IN_ORDER: readonly ServiceName[] = [
  'ledger',
  'credits',
  'reconciler',
  'webhooks',
  'backoffice',
  'gateway',
];
let fleet: Fleet;
let bouncer: PgBouncer;
let db: pg.Pool;

beforeAll(async () => {
  fleet = stack.use(await startFleet({ root: ROOT, migrate, services: {} }));
  const guardian = startGuardian();
  stack.defer(() => guardian.close());
  const { roles } = fleet.secrets;
  bouncer = stack.use(
    await startPgBouncer({
      folder: path.join(fleet.folder, 'pgbouncer'),
      guardian,
      sources: serverSources(process.env),
      configuration: readFileSync(path.join(ROOT, 'deploy/pgbouncer/pgbouncer.ini'), 'utf8'),
      databaseUrl: fleet.databaseUrl,
      roles: Object.fromEntries(SERVICES.map((service) => [roleOf(service), roles[service]])),
    }),
  );
  db = new pg.Pool({ connectionString: fleet.databaseUrl, max: 2 });
  db.on('error', () => {});
  stack.defer(() => db.end());
}, 300_000);
afterAll(() => stack.disposeAsync());

const add = (service: ServiceName) =>
  fleet.add(service, {
    DATABASE_URL: bouncer.through(asService(fleet.databaseUrl, service, fleet.secrets.roles)),
    DATABASE_POOLER: 'transaction',
  });

test('a service whose role has no time-outs does not start through a pooler, and says how it gets them', async () => {
  await expect(add('gateway')).rejects.toThrow(
    /exit code 1\n.*ALTER ROLE b2b_gateway IN DATABASE \w+ SET statement_timeout = 5000;.*RECONNECT/,
  );
});

test('every service works through it, under load, and the books hold', async () => {
  await setTimeOuts();
  for (const service of IN_ORDER) await add(service);
  const { calls, charges, findings } = await underLoad(fleet, 3, ({ sell }) => sell(120));
  expect(calls.failures).toEqual([]);
  expect(findings).toEqual([]);
  expect(charges).toBe(calls.sold);
  const { rows } = await db.query<{ count: number }>(
    `SELECT count(*)::int FROM pg_stat_activity WHERE usename LIKE 'b2b\\_%' AND state LIKE 'idle in transaction%'`,
  );
  expect(rows).toEqual([{ count: 0 }]);
}, 120_000);

test('a transaction that loses its connection says that the database is away, not what became of its roll-back', async () => {
  const url = bouncer.through(asService(fleet.databaseUrl, 'gateway', fleet.secrets.roles));
  const pool = createPool({ url, applicationName: 'cut', max: 1, statementTimeoutMs: 5_000, pooled: true });
  const kysely = createKysely<unknown>(pool);
  try {
    const cut = kysely.transaction().execute(async (tx) => {
      const { rows } = await sql<{ pid: number }>`SELECT pg_backend_pid() AS pid`.execute(tx);
      await db.query('SELECT pg_terminate_backend($1)', [rows[0]!.pid]);
      await sql`SELECT 1`.execute(tx);
    });
    const error = await cut.catch((error: Error) => error);
    expect([isAway(error), error]).toEqual([true, expect.any(Error)]);
  } finally {
    await kysely.destroy();
  }
});

test('while the database is away every service says so, and nobody is answered 500', async () => {
  await using askers = Askers.open(fleet);
  await askers.allSay(200);
  await fleet.postgres.kill('SIGKILL');
  await fleet.postgres.stop();
  await askers.allSay(503);
  await fleet.postgres.restart();
  await askers.allSay(200);
  expect(askers.statuses).toEqual(new Set([200, 503]));
}, 90_000);

/** As docs/operations.md says. */
async function setTimeOuts(): Promise<void> {
  const database = new URL(fleet.databaseUrl).pathname.slice(1);
  for (const service of SERVICES) {
    const preset = (name: keyof (typeof SETTINGS)['ledger']['shape']) =>
      SETTINGS[service].shape[name as 'DATABASE_LOCK_TIMEOUT_MS'].parse(undefined);
    const limits = {
      statement_timeout: preset('DATABASE_STATEMENT_TIMEOUT_MS'),
      lock_timeout: preset('DATABASE_LOCK_TIMEOUT_MS'),
      idle_in_transaction_session_timeout: preset('DATABASE_IDLE_IN_TRANSACTION_TIMEOUT_MS'),
    };
    for (const [name, value] of Object.entries(limits))
      await db.query(`ALTER ROLE ${roleOf(service)} IN DATABASE ${database} SET ${name} = ${value}`);
  }
  await bouncer.command('RECONNECT');
}
