import { migrateSchemas } from '@b2b-charge/runtime';
import { type TestDatabase, testDatabase } from '@b2b-charge/stack';
import pg from 'pg';
import { afterEach, beforeEach, expect, inject, test } from 'vitest';
import { allowWord, CREDIT_STATUS, plantNextRelease } from './next-release.ts';

let database: TestDatabase;
beforeEach(async () => {
  database = await testDatabase(inject('servers'));
});
afterEach(() => database[Symbol.asyncDispose]());

const [allow, validate] = allowWord('expired', CREDIT_STATUS);
const request = (status: string) => `INSERT INTO credits.requests
  (vendor_id, amount, status, requested_by, approvals_needed, business_day, decided_by, decided_at)
  VALUES (1, 100, '${status}', 'vendor:1', 1, '2026-01-31', 'clock', now());`;

/** The statuses of all requests after an upgrade by these migrations. */
async function upgrade(...files: string[]): Promise<string[]> {
  using next = plantNextRelease({ credits: files });
  await migrateSchemas(database.adminUrl, next.schemas);
  const client = new pg.Client({ connectionString: database.adminUrl });
  await client.connect();
  try {
    await expect(client.query(request('mislaid'))).rejects.toThrow(/requests_status_check/);
    const { rows } = await client.query('SELECT status FROM credits.requests ORDER BY id');
    return rows.map(({ status }) => status);
  } finally {
    await client.end();
  }
}

test('one migration allows a new word and uses it', async () => {
  expect(await upgrade([allow, request('expired'), validate].join('\n'))).toEqual(['expired']);
});

test('one migration allows a new word and the next one uses it', async () => {
  expect(await upgrade(allow, validate + request('expired'))).toEqual(['expired']);
});

test('without its migration the word is refused', async () => {
  await expect(upgrade(request('expired'))).rejects.toThrow(
    /credits: 9001-planted failed.*requests_status_check/,
  );
  expect(await upgrade()).toEqual([]);
});
