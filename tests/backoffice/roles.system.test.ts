import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createPlayground, type Playground } from '../harness.ts';

let playground: Playground;
let gateway: pg.Client;
beforeAll(async () => {
  playground = await createPlayground();
  await playground.sql("INSERT INTO gateway.vendors (id, created_by) VALUES (1, 'test')");
  await playground.sql(
    "INSERT INTO gateway.tokens (hash, role, name, created_by, revoked_at) VALUES (sha256('x'), 'admin', 'ended', 'test', now())",
  );
  gateway = new pg.Client({ connectionString: playground.database.urls.gateway });
  await gateway.connect();
});
afterAll(async () => {
  await gateway?.end();
  await playground?.[Symbol.asyncDispose]();
});

/** The attacker holds the gateway's database password. */
test.each([
  [
    'issue an admin token',
    "INSERT INTO gateway.tokens (hash, role, name, created_by) VALUES (sha256('y'), 'admin', 'x', 'x')",
  ],
  [
    'issue a token of a vendor',
    "INSERT INTO gateway.tokens (hash, role, vendor_id, name, created_by) VALUES (sha256('z'), 'vendor', 1, 'x', 'x')",
  ],
  ['revive a revoked token', 'UPDATE gateway.tokens SET revoked_at = NULL'],
  ['make a token another role’s', "UPDATE gateway.tokens SET role = 'admin'"],
  ['replace a hash', "UPDATE gateway.tokens SET hash = sha256('w')"],
  ['delete a token', 'DELETE FROM gateway.tokens'],
  ['open a vendor', "INSERT INTO gateway.vendors (id, created_by) VALUES (2, 'x')"],
  ['lift a rate limit', 'UPDATE gateway.vendors SET rate_limit = NULL'],
  ['take a vendor id', "SELECT nextval('gateway.vendor_ids')"],
  ['read the operators', 'SELECT * FROM backoffice.operators'],
  ['write an act', "INSERT INTO backoffice.operator_acts (operator) VALUES ('x')"],
  ['approve a credit', "UPDATE credits.requests SET status = 'approved'"],
  ['change a balance', 'UPDATE ledger.vendors SET balance = 1'],
])('the gateway’s role cannot %s', async (_, statement) => {
  await expect(gateway.query(statement)).rejects.toMatchObject({ code: '42501' });
});

test('the gateway’s role reads tokens and records their last use, which is all that it needs', async () => {
  await gateway.query('SELECT * FROM gateway.tokens t LEFT JOIN gateway.vendors v ON v.id = t.vendor_id');
  const { rowCount } = await gateway.query('UPDATE gateway.tokens SET last_used_at = now()');
  expect(rowCount).toBe(1);
});
