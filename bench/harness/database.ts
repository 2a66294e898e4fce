import { withDatabase } from '@b2b-charge/stack';
import pg from 'pg';

/** One database, as its server's superuser. */
export interface Database {
  readonly name: string;
  readonly url: string;
  connected<T>(work: (client: pg.Client) => Promise<T>): Promise<T>;
  query<R extends pg.QueryResultRow>(text: string, values?: unknown[]): Promise<R[]>;
}

export function databaseAt(url: string): Database {
  const connected: Database['connected'] = async (work) => {
    const client = new pg.Client({ connectionString: url, application_name: 'bench' });
    client.on('error', () => {});
    await client.connect();
    try {
      return await work(client);
    } finally {
      await client.end();
    }
  };
  return {
    name: decodeURIComponent(new URL(url).pathname.slice(1)),
    url,
    connected,
    query: (text, values) => connected(async (client) => (await client.query(text, values)).rows),
  };
}

/** A new and empty database on the same server; one of that name goes. */
export async function createDatabase(beside: Database, name: string): Promise<Database> {
  const server = databaseAt(withDatabase(beside.url, 'postgres'));
  await server.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
  await server.query(`CREATE DATABASE ${name}`);
  return databaseAt(withDatabase(beside.url, name));
}

/** A copy of a database to which nobody is connected. */
export async function cloneDatabase(from: Database, name: string): Promise<Database> {
  const server = databaseAt(withDatabase(from.url, 'postgres'));
  await server.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
  await server.query(`CREATE DATABASE ${name} TEMPLATE ${from.name}`);
  await server.query('CHECKPOINT');
  return databaseAt(withDatabase(from.url, name));
}
