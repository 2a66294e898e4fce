import { readFileSync } from 'node:fs';
import path from 'node:path';
import { SERVICES, type ServiceName } from '@b2b-charge/contracts';
import { migrateSchemas, roleOf, type SchemaMigrations, setRolePasswords } from '@b2b-charge/runtime';
import { type Fleet, startFleet } from '@b2b-charge/stack';
import { sql } from 'kysely';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { migrate, SCHEMAS } from '../../scripts/migrate.ts';
import { waitFor } from '../harness.ts';

const ROOT = path.join(import.meta.dirname, '../..');
const OLDER = '0000-older';
/** The service may enter its schema, which holds nothing that it needs. */
const olderOf = ({ schema }: SchemaMigrations): SchemaMigrations => {
  const enter = sql`GRANT USAGE ON SCHEMA ${sql.id(schema)} TO ${sql.id(roleOf(schema))}`;
  return { schema, migrations: { [OLDER]: { up: async (db) => void (await enter.execute(db)) } } };
};

let fleet: Fleet;
beforeAll(async () => {
  fleet = await startFleet({
    root: ROOT,
    migrate: async ({ adminUrl, rolePasswords = {} }) => {
      await migrateSchemas(adminUrl, SCHEMAS.map(olderOf));
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

test('a service does not start on an older schema, and names the missing migrations and the command to run', async () => {
  for (const { schema, migrations } of SCHEMAS)
    await expect(fleet.add(schema as ServiceName), schema).rejects.toThrow(
      `schema ${schema} is at ${OLDER}, this release needs ${Object.keys(migrations).join(', ')}: run npx b2b migrate`,
    );
}, 60_000);

test('a service does not start on a schema whose migrations it may not read', async () => {
  await query('REVOKE SELECT ON gateway.kysely_migration FROM b2b_gateway');
  await expect(fleet.add('gateway')).rejects.toThrow(
    /schema gateway has nothing that this service may read, this release needs 0001-.*: run npx b2b migrate/,
  );
});

test('it starts on its own schema and on a newer one, and waits for a database that does not answer', async () => {
  for (const service of SERVICES) await query(`DELETE FROM ${service}.kysely_migration`);
  await migrate({ adminUrl: fleet.databaseUrl, rolePasswords: fleet.secrets.roles });
  await fleet.add('ledger');
  for (const service of SERVICES)
    await query(`INSERT INTO ${service}.kysely_migration VALUES ('9999-of-the-next-release', now())`);
  await fleet.postgres.stop();
  const starting = fleet.add('credits');
  await waitFor(() => log('credits').includes('waiting for the database'));
  await fleet.postgres.restart();
  const { process } = await starting;
  expect((await fetch(`${process.opsUrl}/ready`)).status).toBe(200);
}, 60_000);

const log = (service: string) => readFileSync(path.join(fleet.folder, 'logs', `${service}.log`), 'utf8');

async function query(text: string): Promise<void> {
  const client = new pg.Client({ connectionString: fleet.databaseUrl });
  await client.connect();
  await client.query(text).finally(() => client.end());
}
