import { readFileSync } from 'node:fs';
import path from 'node:path';
import { SERVICES } from '@b2b-charge/contracts';
import { migrateSchemas, roleOf, setRolePasswords } from '@b2b-charge/runtime';
import { type Fleet, startFleet } from '@b2b-charge/stack';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { migrate, SCHEMAS } from '../../scripts/migrate.ts';
import { waitFor } from '../harness.ts';

const ROOT = path.join(import.meta.dirname, '../..');
const names = (service: string) =>
  Object.keys(SCHEMAS.find(({ schema }) => schema === service)!.migrations).sort();

/** Each schema lacks the newest migration of all. */
const OLDER = SCHEMAS.map(({ schema, migrations }) => ({
  schema,
  migrations: Object.fromEntries(Object.entries(migrations).slice(0, -1)),
}));

let fleet: Fleet;
beforeAll(async () => {
  fleet = await startFleet({
    root: ROOT,
    migrate: async ({ adminUrl, rolePasswords = {} }) => {
      await migrateSchemas(adminUrl, OLDER);
      const passwords = Object.entries(rolePasswords).map(([service, password]) => [
        roleOf(service),
        password,
      ]);
      await setRolePasswords(adminUrl, Object.fromEntries(passwords));
    },
    services: {},
  });
}, 60_000);
afterAll(() => fleet[Symbol.asyncDispose]());

test('a service does not start on a schema older than its own, and says what is missing and what to do', async () => {
  const newest = (service: string) => names(service).at(-1);
  for (const service of SERVICES)
    await expect(fleet.add(service), service).rejects.toThrow(
      new RegExp(
        `exit code 1\n.*schema ${service} .*this release needs .*${newest(service)}: run npm run migrate`,
      ),
    );
  expect(log('ledger')).toContain(
    `schema ledger is at ${names('ledger').at(-2)}, this release needs ${newest('ledger')}: run npm run migrate`,
  );
}, 60_000);

test('nor on one of before this rule, whose migrations it may not read', async () => {
  await sql('REVOKE SELECT ON gateway.kysely_migration FROM b2b_gateway');
  await expect(fleet.add('gateway')).rejects.toThrow(
    /schema gateway has nothing that this service may read, this release needs 0001-.*: run npm run migrate/,
  );
});

test('it starts on its own schema and on a newer one, and waits for a database that does not answer', async () => {
  await migrate({ adminUrl: fleet.databaseUrl, rolePasswords: fleet.secrets.roles });
  await fleet.add('ledger');
  for (const service of SERVICES)
    await sql(`INSERT INTO ${service}.kysely_migration VALUES ('9999-of-the-next-release', now())`);
  await fleet.postgres.stop();
  const starting = fleet.add('credits');
  await waitFor(() => log('credits').includes('waiting for the database'));
  await fleet.postgres.restart();
  const { process } = await starting;
  expect((await fetch(`${process.opsUrl}/ready`)).status).toBe(200);
}, 60_000);

const log = (service: string) => readFileSync(path.join(fleet.folder, 'logs', `${service}.log`), 'utf8');

async function sql(text: string): Promise<void> {
  const client = new pg.Client({ connectionString: fleet.databaseUrl });
  await client.connect();
  await client.query(text).finally(() => client.end());
}
