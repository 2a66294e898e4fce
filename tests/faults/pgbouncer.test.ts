import { readFileSync } from 'node:fs';
import path from 'node:path';
import { SERVICES, type ServiceName } from '@b2b-charge/contracts';
import { roleOf } from '@b2b-charge/runtime';
import {
  asService,
  type Fleet,
  type PgBouncer,
  serverSources,
  startFleet,
  startGuardian,
  startPgBouncer,
} from '@b2b-charge/stack';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { migrate } from '../../scripts/migrate.ts';
import { holdSettings } from '../../services/ledger/src/lanes/stored-settings.ts';
import { DeposedError } from '../../services/ledger/src/store/errors.ts';
import { PgStore } from '../../services/ledger/src/store/pg-store.ts';

/** Through a real PgBouncer in transaction mode, with the configuration that deploy/pgbouncer delivers. */

const ROOT = path.join(import.meta.dirname, '../..');
const stack = new AsyncDisposableStack();
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
      ...{ folder: path.join(fleet.folder, 'pgbouncer'), guardian, sources: serverSources(process.env) },
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

test('a ledger’s store moves its lanes through it, and not one that the database put back', async () => {
  const url = bouncer.through(asService(fleet.databaseUrl, 'ledger', fleet.secrets.roles));
  await holdSettings(db, { lanes: 4, timeZone: 'Asia/Tehran' });
  const store = new PgStore({
    ...{ url, pooled: true, applicationName: 'pooled', statementTimeoutMs: 10_000 },
    ...{ processId: 'pooled', lanes: 4, leaseMs: 60_000, timeZone: 'Asia/Tehran' },
  });
  await store.connect();
  stack.defer(() => store.close());
  const titles = await store.claim(4, []);
  const at = (seq: number) =>
    titles.map((title) => ({ ...title, cursor: { seq, messageId: `m-${seq}`, timeMs: seq } }));
  expect((await store.renew(at(5))).lanes.size).toBe(4);
  const batch = await store.openBatch(at(6), []);
  await batch.commit({ transactions: [], vendors: [], expired: [], dead: [] });
  await db.query('UPDATE ledger.lanes SET cursor_seq = 5 WHERE lane = 2');
  expect([...(await store.renew(at(7))).lanes].sort()).toEqual([0, 1, 3]);
  await expect(store.openBatch(at(8), [])).rejects.toThrow(DeposedError);
  await store.rollback();
  expect(await store.claim(1, [0, 1, 3])).toMatchObject([{ lane: 2, cursor: { seq: 5 } }]);
});
