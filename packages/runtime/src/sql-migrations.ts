import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { type Kysely, type Migration, sql } from 'kysely';
import pg from 'pg';

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

/** Without parameters PostgreSQL takes the whole file as one message, inside the transaction that kysely has begun. */
async function runFile(db: Kysely<unknown>, file: string): Promise<void> {
  const text = readFileSync(file, 'utf8');
  try {
    await sql.raw(text).execute(db);
  } catch (error) {
    const position = error instanceof pg.DatabaseError ? Number(error.position) : Number.NaN;
    if (!(position > 0)) throw error;
    const line = text.slice(0, position - 1).split('\n').length;
    throw new Error(`${path.basename(file)}:${line}: ${(error as Error).message}`, { cause: error });
  }
}
