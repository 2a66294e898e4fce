import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { CREDIT_STATUSES, TRANSACTION_TYPES } from '@b2b-charge/contracts';
import { type SchemaMigrations, sqlMigrations } from '@b2b-charge/runtime';
import { SCHEMAS } from '../../scripts/migrate.ts';

/** A text column with a CHECK, which takes one more word in the next release. */
export interface Words {
  readonly schema: string;
  readonly table: string;
  readonly column: string;
  readonly words: readonly string[];
}

export const CREDIT_STATUS: Words = {
  schema: 'credits',
  table: 'requests',
  column: 'status',
  words: CREDIT_STATUSES,
};

export const TRANSACTION_TYPE: Words = {
  schema: 'ledger',
  table: 'transactions',
  column: 'type',
  words: TRANSACTION_TYPES,
};

/** NOT VALID needs a lock for a moment; the validation reads the whole table, without a lock against writes. */
export function allowWord(word: string, { schema, table, column, words }: Words): [string, string] {
  const [of, check] = [`ALTER TABLE ${schema}.${table}`, `${table}_${column}_check`];
  const list = [...words, word].map((each) => `'${each}'`).join(', ');
  return [
    `${of} DROP CONSTRAINT ${check}, ADD CONSTRAINT ${check} CHECK (${column} IN (${list})) NOT VALID;`,
    `${of} VALIDATE CONSTRAINT ${check};`,
  ];
}

/** Migrations as files: `files` has the texts of each schema in their order. */
export interface NextRelease extends Disposable {
  readonly schemas: readonly SchemaMigrations[];
}

/** Adds migrations to today's, as the next release will. */
export function plantNextRelease(files: Readonly<Record<string, readonly string[]>>): NextRelease {
  const root = mkdtempSync(path.join(tmpdir(), 'b2b-charge-next-'));
  const schemas = SCHEMAS.map(({ schema, migrations }) => {
    const folder = path.join(root, schema);
    mkdirSync(folder);
    for (const [index, text] of (files[schema] ?? []).entries())
      writeFileSync(path.join(folder, `${9_001 + index}-planted.sql`), text);
    return { schema, migrations: { ...migrations, ...sqlMigrations(folder) } };
  });
  return { schemas, [Symbol.dispose]: () => rmSync(root, { recursive: true, force: true }) };
}
