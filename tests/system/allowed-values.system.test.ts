import {
  auditRunSchema,
  CREDIT_STATUSES,
  findingSchema,
  SERVICES,
  TRANSACTION_STATUSES,
  TRANSACTION_TYPES,
  vendorSchema,
  WEBHOOK_DELIVERY_STATES,
  WEBHOOK_DISABLED_REASONS,
} from '@b2b-charge/contracts';
import { TOKEN_ROLES } from '@b2b-charge/http/tokens/token-text';
import { type TestDatabase, testDatabase } from '@b2b-charge/stack';
import pg from 'pg';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { ACT_STAGES } from '../../services/backoffice/src/console/operators/acts.ts';
import { ROLES } from '../../services/backoffice/src/console/operators/operator.ts';

/** The code's list for each column that takes a fixed set of words. */
const LISTS: Readonly<Record<string, readonly string[]>> = {
  'credits.requests.status': CREDIT_STATUSES,
  'backoffice.operator_acts.stage': ACT_STAGES,
  'backoffice.operators.role': ROLES,
  'gateway.tokens.role': TOKEN_ROLES,
  'ledger.transactions.status': TRANSACTION_STATUSES,
  'ledger.transactions.type': TRANSACTION_TYPES,
  'ledger.vendors.status': vendorSchema.shape.status.options,
  'reconciler.findings.level': findingSchema.shape.level.options,
  'reconciler.runs.mode': auditRunSchema.shape.mode.options,
  'reconciler.runs.status': auditRunSchema.shape.status.options,
  'webhooks.deliveries.state': WEBHOOK_DELIVERY_STATES,
  'webhooks.endpoints.disabled_reason': WEBHOOK_DISABLED_REASONS,
};

let database: TestDatabase;
let client: pg.Client;
beforeAll(async () => {
  database = await testDatabase(inject('servers'));
  client = new pg.Client({ connectionString: database.adminUrl });
  await client.connect();
});
afterAll(async () => {
  await client.end();
  await database[Symbol.asyncDispose]();
});

test('each column takes the words of its list in the code, and each such column has a list', async () => {
  expect(await allowedValues()).toEqual(sorted(LISTS));
});

test('no column has an enum type, because a migration cannot add a value and use it', async () => {
  expect(await enums()).toEqual([]);
  await client.query(`CREATE TYPE credits.colour AS ENUM ('red')`);
  await client.query(`ALTER TABLE credits.outbox ADD COLUMN colour credits.colour`);
  expect(await enums()).toContainEqual(['credits.outbox.colour', ['red']]);
});

test.each([
  [`CHECK (planted IN ('a', 'b'))`, ['a', 'b']],
  [`CHECK (planted = 'a')`, ['a']],
  [`CHECK (planted IS NULL OR planted IN ('it''s', 'b'))`, ['b', "it's"]],
  [`CONSTRAINT later CHECK (length(planted) < 9)`, undefined],
])('finds the words of a column that is added with %s', async (check, words) => {
  await client.query(`ALTER TABLE credits.outbox ADD COLUMN planted text ${check}`);
  try {
    expect((await allowedValues())['credits.outbox.planted']).toEqual(words);
  } finally {
    await client.query('ALTER TABLE credits.outbox DROP COLUMN planted');
  }
});

const sorted = (lists: Readonly<Record<string, readonly string[]>>) =>
  Object.fromEntries(Object.entries(lists).map(([column, words]) => [column, words.toSorted()]));

/** The words of each CHECK that compares one text column with literals. */
async function allowedValues(): Promise<Record<string, string[]>> {
  const { rows } = await client.query<{ column: string; definition: string }>(
    `SELECT concat_ws('.', n.nspname, c.relname, a.attname) AS column, pg_get_constraintdef(k.oid) AS definition
     FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace
       JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.conkey[1]
     WHERE k.contype = 'c' AND cardinality(k.conkey) = 1 AND a.atttypid = 'text'::regtype
       AND n.nspname = ANY($1)`,
    [SERVICES],
  );
  const checks = rows.flatMap(({ column, definition }) => {
    if (!/ = (ANY \(ARRAY\[)?'/.test(definition)) return [];
    const words = [...definition.matchAll(/'((?:[^']|'')*)'::text/g)].map(([, word]) => word!);
    return [[column, words.map((word) => word.replaceAll("''", "'"))] as const];
  });
  return sorted(Object.fromEntries(checks));
}

type Words = readonly [column: string, words: string[]];

async function enums(): Promise<Words[]> {
  const { rows } = await client.query<{ column: string; words: string[] }>(
    `SELECT concat_ws('.', n.nspname, c.relname, a.attname) AS column, e.words
     FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
       JOIN (SELECT enumtypid, array_agg(enumlabel::text) AS words FROM pg_enum GROUP BY 1) e ON e.enumtypid = a.atttypid
     WHERE c.relkind = 'r' AND n.nspname = ANY($1)`,
    [SERVICES],
  );
  return rows.map(({ column, words }) => [column, words]);
}
