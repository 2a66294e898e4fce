import { BOOKS } from '@b2b-charge/contracts';
import { migrateSchemas, roleOf, type SchemaMigrations, setRolePasswords } from '@b2b-charge/runtime';
import { backofficeMigrations } from '../services/backoffice/src/db/migrations/index.ts';
import { creditsMigrations } from '../services/credits/src/db/migrations/index.ts';
import { gatewayMigrations } from '../services/gateway/src/db/migrations/index.ts';
import { ledgerMigrations } from '../services/ledger/src/db/migrations/index.ts';
import { reconcilerMigrations } from '../services/reconciler/src/db/migrations/index.ts';
import { webhooksMigrations } from '../services/webhooks/src/db/migrations/index.ts';

export interface MigrateOptions {
  /** A URL of the database with the rights of its owner, and of CREATEROLE. */
  readonly adminUrl: string;
  /** By service name; roles left out keep what they have. */
  readonly rolePasswords?: Record<string, string>;
}

/** What each service's schema holds. */
export const SCHEMAS: readonly SchemaMigrations[] = [
  ...BOOKS.map(({ schema }) => ({ schema, migrations: ledgerMigrations })),
  { schema: 'gateway', migrations: gatewayMigrations },
  { schema: 'backoffice', migrations: backofficeMigrations },
  { schema: 'credits', migrations: creditsMigrations },
  { schema: 'reconciler', migrations: reconcilerMigrations },
  { schema: 'webhooks', migrations: webhooksMigrations },
];

/** Brings one database to the newest schema: a schema and a role per service. */
export async function migrate({ adminUrl, rolePasswords = {} }: MigrateOptions): Promise<void> {
  await migrateSchemas(adminUrl, SCHEMAS);
  const passwords = Object.entries(rolePasswords).map(([service, password]) => [roleOf(service), password]);
  await setRolePasswords(adminUrl, Object.fromEntries(passwords));
}
