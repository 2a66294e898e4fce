import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { type Kysely, type Migration, sql } from 'kysely';
import pg from 'pg';

/** Another transaction kept a lock for too long. The migration had no effect and may run again. */
export class LockTimeoutError extends Error {
  override name = 'LockTimeoutError';
}

const LOCK_WITHIN_S = 2;
const LOCK_NOT_AVAILABLE = '55P03';
const NAME = /^(\d{4})-[a-z0-9-]+\.sql$/;

/**
 * Returns the folder's migrations: `0001-baseline.sql` is `0001-baseline`, forward only, in the order of their numbers.
 * Throws for a file of another name and for two files of one number.
 */
export function sqlMigrations(folder: string): Record<string, Migration> {
  const files = readdirSync(folder)
    .filter((file) => file.endsWith('.sql'))
    .sort();
  const numbers = new Set<string>();
  for (const file of files) {
    const number = NAME.exec(file)?.[1];
    if (!number) throw new Error(`${file}: a migration's name is like 0001-baseline.sql`);
    if (numbers.has(number)) throw new Error(`${file}: another migration has the number ${number}`);
    numbers.add(number);
  }
  return Object.fromEntries(
    files.map((file) => [
      file.slice(0, -'.sql'.length),
      { up: (db) => runFile(db, path.join(folder, file)) },
    ]),
  );
}

/**
 * Runs the file as one message, which PostgreSQL allows without parameters, inside the transaction that kysely has begun.
 * Statements of services queue behind a migration that waits for a lock, so it waits for a short time only.
 */
async function runFile(db: Kysely<unknown>, file: string): Promise<void> {
  const text = readFileSync(file, 'utf8');
  await sql`SET LOCAL lock_timeout = ${sql.lit(LOCK_WITHIN_S * 1_000)}`.execute(db);
  try {
    await sql.raw(text).execute(db);
  } catch (error) {
    if (!(error instanceof pg.DatabaseError)) throw error;
    const line = error.position ? `:${text.slice(0, Number(error.position) - 1).split('\n').length}` : '';
    const message = `${path.basename(file)}${line}: ${error.message}`;
    if (error.code === LOCK_NOT_AVAILABLE) throw new LockTimeoutError(message, { cause: error });
    throw new Error(message, { cause: error });
  }
}
