import pg from 'pg';
import { expect, inject, test } from 'vitest';
import { testDatabase } from './test-database.ts';

async function databases(): Promise<string[]> {
  const client = new pg.Client({ connectionString: inject('servers').postgresUrl });
  await client.connect();
  const { rows } = await client.query<{ datname: string }>('SELECT datname FROM pg_database');
  await client.end();
  return rows.map(({ datname }) => datname);
}

test('each database is a migrated one of its own, which its services can enter, and is dropped at the end', async () => {
  const names: string[] = [];
  {
    await using first = await testDatabase(inject('servers'));
    await using second = await testDatabase(inject('servers'));
    names.push(first.name, second.name);
    expect(await databases()).toEqual(expect.arrayContaining(names));
    const ledger = new pg.Client({ connectionString: first.urls.ledger });
    await ledger.connect();
    const { rows } = await ledger.query("SELECT current_user AS who, to_regnamespace('ledger') AS schema");
    expect(rows).toEqual([{ who: 'b2b_ledger', schema: 'ledger' }]);
    await ledger.end();
  }
  expect(await databases()).not.toEqual(expect.arrayContaining([names[0]]));
});
