import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type TestDatabase, testDatabase } from '@b2b-charge/stack';
import pg from 'pg';
import { afterEach, beforeEach, expect, inject, test } from 'vitest';
import { MigrationError, migrateSchemas } from './migrate.ts';
import { sqlMigrations } from './sql-migrations.ts';

let folder: string;
let database: TestDatabase;
beforeEach(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'sql-migrations-'));
  database = await testDatabase({ ...inject('servers'), template: 'template0' });
});
afterEach(async () => {
  rmSync(folder, { recursive: true });
  await database[Symbol.asyncDispose]();
});

const write = (name: string, text: string) => writeFileSync(path.join(folder, name), text);
const run = () =>
  migrateSchemas(database.adminUrl, [{ schema: 'credits', migrations: sqlMigrations(folder) }]);
/** The first column of each row. */
async function read(text: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: database.adminUrl });
  await client.connect();
  const { rows } = await client.query({ text, rowMode: 'array' }).finally(() => client.end());
  return rows.map(([first]) => first);
}
const applied = () => read('SELECT name FROM credits.kysely_migration ORDER BY name');

test('runs every statement of each file once, in the order of the numbers', async () => {
  write('0002-more.sql', "INSERT INTO credits.t VALUES ('second');");
  write('0001-first.sql', "CREATE TABLE credits.t (a text); INSERT INTO credits.t VALUES ('first; $1');");
  write('index.ts', 'is no migration');
  await run();
  await run();
  expect(await read('SELECT a FROM credits.t')).toEqual(['first; $1', 'second']);
  expect(await applied()).toEqual(['0001-first', '0002-more']);
});

test('a file that fails leaves nothing behind, and its line is named', async () => {
  write('0001-first.sql', 'CREATE TABLE credits.t (a text);\n\nSELECT nothing FROM credits.t;\n');
  const error = await run().catch((error) => error);
  expect(error).toBeInstanceOf(MigrationError);
  expect(error.message).toBe('credits: 0001-first failed');
  expect(error.cause.message).toBe('0001-first.sql:3: column "nothing" does not exist');
  expect(await read("SELECT to_regclass('credits.t')")).toEqual([null]);
  expect(await applied()).toEqual([]);
});

test('refuses a name without a number, and a number given twice', () => {
  write('0001-first.sql', '');
  write('0001-other.sql', '');
  expect(() => sqlMigrations(folder)).toThrow('0001-other.sql: another migration has the number 0001');
  rmSync(path.join(folder, '0001-other.sql'));
  write('grants.sql', '');
  expect(() => sqlMigrations(folder)).toThrow("grants.sql: a migration's name is like 0001-baseline.sql");
});
