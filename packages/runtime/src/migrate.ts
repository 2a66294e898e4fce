import { setTimeout as sleep } from 'node:timers/promises';
import { Kysely, type Migration, type MigrationResult, Migrator, PostgresDialect, sql } from 'kysely';
import pg from 'pg';
import { LockTimeoutError } from './sql-migrations.ts';

export class MigrationError extends Error {
  override name = 'MigrationError';
}

/** One service's schema: its name is the schema's, `b2b_<name>` is its role. */
export interface SchemaMigrations {
  readonly schema: string;
  readonly migrations: Record<string, Migration>;
}

const CONNECT_WITHIN_MS = 10_000;
/** Several minutes in all: an audit or an export may read a table for that long. */
const LOCK_ATTEMPTS = 200;
const LOCK_PAUSE_MS = 1_000;

export const roleOf = (service: string): string => `b2b_${service}`;

/**
 * Brings every schema to its newest migration, as the database's owner. Forward only and idempotent; two at once wait
 * for each other (kysely holds a lock). Throws MigrationError naming the migration.
 */
export async function migrateSchemas(adminUrl: string, schemas: readonly SchemaMigrations[]): Promise<void> {
  // A migration takes the time that it takes: of a server whose host is gone TCP tells, in some twenty seconds.
  const alive = {
    connectionTimeoutMillis: CONNECT_WITHIN_MS,
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
  };
  const pool = new pg.Pool({ connectionString: adminUrl, max: 2, ...alive });
  const db = new Kysely<unknown>({ dialect: new PostgresDialect({ pool }) });
  try {
    await ensureRoles(
      db,
      schemas.map(({ schema }) => roleOf(schema)),
    );
    for (const schema of schemas) await migrateSchema(db, schema);
    await grantReading(
      db,
      schemas.map(({ schema }) => schema),
    );
  } finally {
    await db.destroy();
  }
}

/** Runs each pending migration in a transaction of its own, so that one migration's locks end before the next. */
async function migrateSchema(db: Kysely<unknown>, { schema, migrations }: SchemaMigrations): Promise<void> {
  const provider = { getMigrations: async () => migrations };
  const migrator = new Migrator({ db, provider, migrationTableSchema: schema });
  for (let refused = 0; ; ) {
    const { error, results = [] } = await migrator.migrateUp();
    if (!error && results.length === 0) return;
    if (!error) continue;
    if (error instanceof LockTimeoutError && ++refused < LOCK_ATTEMPTS) await sleep(LOCK_PAUSE_MS);
    else
      throw new MigrationError(`${schema}: ${failedOf(results)} failed: ${messageOf(error)}`, {
        cause: error,
      });
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

const failedOf = (results: readonly MigrationResult[]): string =>
  results.find(({ status }) => status === 'Error')?.migrationName ?? 'migration';

/** A service compares what its schema holds with what it knows. One at a time: PostgreSQL fails two grants on one table. */
async function grantReading(db: Kysely<unknown>, schemas: readonly string[]): Promise<void> {
  await db.transaction().execute(async (tx) => {
    await sql`SELECT pg_advisory_xact_lock(hashtext('migrate'))`.execute(tx);
    for (const schema of schemas) {
      const [table, role] = [sql.table(`${schema}.kysely_migration`), sql.id(roleOf(schema))];
      await sql`GRANT SELECT ON ${table} TO ${role}`.execute(tx);
    }
  });
}

/** Roles belong to the whole server, so another database may have made them already, even this very moment. */
async function ensureRoles(db: Kysely<unknown>, roles: readonly string[]): Promise<void> {
  for (const role of roles) {
    await sql`DO $$ BEGIN
      CREATE ROLE ${sql.id(role)} LOGIN;
    EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
    END $$`.execute(db);
  }
}

/** Sets the password of each role given, as the database's owner. */
export async function setRolePasswords(adminUrl: string, passwords: Record<string, string>): Promise<void> {
  const client = new pg.Client({ connectionString: adminUrl });
  await client.connect();
  try {
    for (const [role, password] of Object.entries(passwords)) {
      await client.query(
        `ALTER ROLE ${client.escapeIdentifier(role)} PASSWORD ${client.escapeLiteral(password)}`,
      );
    }
  } finally {
    await client.end();
  }
}
