import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { NOT_NOW } from './is-away.ts';
import type { Logger } from './logs/logger.ts';
import type { SchemaMigrations } from './migrate.ts';

/** The database has not been brought to the schema of this release. */
export class SchemaTooOldError extends Error {
  override name = 'SchemaTooOldError';
}

const ASK_AGAIN_MS = 500;
const ANSWER_WITHIN_MS = 5_000;
/** No such schema, no such table, no right to read it: `npx b2b migrate` creates all three. */
const NOT_MIGRATED = /^(3F000|42P01|42501)$/;

/**
 * Resolves when the service's schema holds every migration that this release knows; more of them do no harm. Waits as long
 * as the database does not answer, or until the signal. Throws SchemaTooOldError, and whatever else the database refuses.
 */
export async function requireSchema(
  url: string,
  { schema, migrations }: SchemaMigrations,
  { log, signal }: { log: Logger; signal: AbortSignal },
): Promise<void> {
  for (let attempt = 0; !signal.aborted; attempt++) {
    try {
      return compare(schema, Object.keys(migrations), await appliedTo(url, schema));
    } catch (error) {
      if (error instanceof SchemaTooOldError) throw error;
      if (error instanceof pg.DatabaseError && !NOT_NOW.test(error.code ?? '')) throw error;
      if (attempt === 0) log.warn({ err: error }, 'waiting for the database');
    }
    await sleep(ASK_AGAIN_MS, undefined, { signal }).catch(() => {});
  }
}

/** Names of the migrations that the schema holds, the oldest first. */
async function appliedTo(url: string, schema: string): Promise<string[]> {
  const client = new pg.Client({
    connectionString: url,
    application_name: `${schema}-start`,
    connectionTimeoutMillis: ANSWER_WITHIN_MS,
    query_timeout: ANSWER_WITHIN_MS,
  });
  client.on('error', () => {});
  try {
    await client.connect();
    const table = `${client.escapeIdentifier(schema)}.kysely_migration`;
    const { rows } = await client.query<{ name: string }>(`SELECT name FROM ${table} ORDER BY name`);
    return rows.map(({ name }) => name);
  } catch (error) {
    if (error instanceof pg.DatabaseError && NOT_MIGRATED.test(error.code ?? '')) return [];
    throw error;
  } finally {
    await client.end().catch(() => {});
  }
}

function compare(schema: string, needed: readonly string[], applied: readonly string[]): void {
  const missing = needed.filter((name) => !applied.includes(name));
  if (missing.length === 0) return;
  const state = applied.length === 0 ? 'has nothing that this service may read' : `is at ${applied.at(-1)}`;
  throw new SchemaTooOldError(
    `schema ${schema} ${state}, this release needs ${missing.join(', ')}: run npx b2b migrate`,
  );
}
