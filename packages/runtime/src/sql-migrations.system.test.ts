import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type TestDatabase, testDatabase } from '@b2b-charge/stack';
import pg from 'pg';
import { afterEach, beforeEach, expect, inject, test, vi } from 'vitest';
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
async function connect(): Promise<pg.Client & AsyncDisposable> {
  const client = new pg.Client({ connectionString: database.adminUrl });
  await client.connect();
  return Object.assign(client, { [Symbol.asyncDispose]: () => client.end() });
}
/** The first column of the last statement's rows. */
async function read(text: string): Promise<unknown[]> {
  await using client = await connect();
  const result = await client.query<Record<string, unknown>>(text);
  return [result]
    .flat()
    .at(-1)!
    .rows.map((row) => Object.values(row)[0]);
}
const WAITING = `SELECT DISTINCT mode FROM pg_locks WHERE NOT granted
  AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`;
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
  expect(error.message).toBe('credits: 0001-first failed: 0001-first.sql:3: column "nothing" does not exist');
  expect(await read("SELECT to_regclass('credits.t')")).toEqual([null]);
  expect(await applied()).toEqual([]);
});

test('a migration that succeeded stays when the next one fails', async () => {
  write('0001-first.sql', 'CREATE TABLE credits.t (a text)');
  write('0002-wrong.sql', 'ALTER TABLE credits.t ADD COLUMN a text');
  await expect(run()).rejects.toThrow('credits: 0002-wrong failed');
  expect(await applied()).toEqual(['0001-first']);
  write('0002-wrong.sql', 'ALTER TABLE credits.t ADD COLUMN b text');
  await run();
  expect(await applied()).toEqual(['0001-first', '0002-wrong']);
});

test('a migration that waits for a long read lets the writes of services pass', async () => {
  write('0001-first.sql', 'CREATE TABLE credits.t (a text)');
  await run();
  await using reader = await connect();
  await reader.query('BEGIN; SELECT FROM credits.t');
  write('0002-more.sql', 'ALTER TABLE credits.t ADD COLUMN b text');
  const running = run();
  await vi.waitFor(async () => expect(await read(WAITING)).toEqual(['AccessExclusiveLock']), 5_000);
  await read("SET statement_timeout = '10s'; INSERT INTO credits.t VALUES ('sold')");
  expect(await applied()).toEqual(['0001-first']);
  await reader.query('COMMIT');
  await running;
  expect(await read('SELECT b FROM credits.t')).toEqual([null]);
});

test('refuses a name without a number, and a number given twice', () => {
  write('0001-first.sql', '');
  write('0001-other.sql', '');
  expect(() => sqlMigrations(folder)).toThrow('0001-other.sql: another migration has the number 0001');
  rmSync(path.join(folder, '0001-other.sql'));
  write('grants.sql', '');
  expect(() => sqlMigrations(folder)).toThrow("grants.sql: a migration's name is like 0001-baseline.sql");
});
