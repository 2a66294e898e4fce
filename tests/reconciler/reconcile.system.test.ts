import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ok, type System, startSystem } from '../harness.ts';
import { runB2b, type ToolRun } from '../run-tool.ts';

const stack = new AsyncDisposableStack();
const folder = mkdtempSync(path.join(tmpdir(), 'reconcile-'));
let system: System;
let admin: pg.Client;

beforeAll(async () => {
  system = stack.use(await startSystem());
  admin = new pg.Client({ connectionString: system.playground.database.adminUrl });
  await admin.connect();
  stack.defer(() => admin.end());
});
afterAll(() => stack.disposeAsync());

/** The command line as an operator runs it, in a process of its own. */
async function cli(...options: string[]) {
  return cliWith({}, ...options);
}

function cliWith(environment: Record<string, string>, ...options: string[]): Promise<ToolRun> {
  const own = { SIGNING_KEY_FILE: path.join(folder, 'key.pem'), ...environment };
  const env = system.playground.environment('reconciler', own);
  return runB2b(['reconcile', ...options], { env });
}

test('the sample output: a planted discrepancy of 50 Toman is found, fixed and verified', async () => {
  const techCorp = await system.createVendor({ name: 'TechCorp Solutions', balance: '1500000' });
  const mobile = await system.createVendor({ name: 'Mobile Plus', balance: '800000' });
  const charge = { phone_number: '+989123456789', amount: 50050 };
  ok(await system.request('POST', '/api/charges/sell/', { token: mobile.token, body: charge }));
  expect(await cli()).toMatchObject({ status: 0, stderr: '' });

  await admin.query('UPDATE ledger.vendors SET balance = balance + 5000 WHERE vendor_id = $1', [mobile.id]);
  const found = await cli();
  expect(found.stdout).toBe(`=== B2B Charge Service - Balance Reconciliation ===

✓ Vendor: TechCorp Solutions
  - Current Balance: 1,500,000.00 Toman
  - Calculated Balance: 1,500,000.00 Toman
  - Status: ✓ VERIFIED

⚠ Vendor: Mobile Plus
  - Current Balance: 750,000.00 Toman
  - Calculated Balance: 749,950.00 Toman
  - Discrepancy: 50.00 Toman
  - Status: ⚠ MINOR_DISCREPANCY

📊 Summary:
- Total Vendors Checked: 2
- Verified Accounts: 1
- Minor Discrepancies Fixed: 0
- Minor Discrepancies Open: 1
- Critical Issues: 0
`);
  expect(found.status).toBe(1);

  const refused = await cli('--fix');
  expect(refused.status).toBe(1);
  expect(refused.stderr).toContain('--yes');

  const fixed = await cli('--fix', '--yes');
  expect(fixed.stdout).toContain(`⚠ Vendor: Mobile Plus
  - Current Balance: 750,000.00 Toman
  - Calculated Balance: 749,950.00 Toman
  - Discrepancy: 50.00 Toman
  - Status: ⚠ MINOR_DISCREPANCY (Auto-fixed)

📊 Summary:
- Total Vendors Checked: 2
- Verified Accounts: 1
- Minor Discrepancies Fixed: 1
- Critical Issues: 0
`);
  expect(fixed.status).toBe(0);

  const again = await cli('--full', `--vendor-id=${mobile.id}`);
  expect(again.stdout).toContain('  - Status: ✓ VERIFIED');
  expect(again.status).toBe(0);
  const { rows } = await admin.query(
    "SELECT source, amount FROM ledger.transactions WHERE vendor_id = $1 AND type = 'rebuild'",
    [mobile.id],
  );
  expect(rows).toEqual([{ source: 'reconciler', amount: '0' }]);
  expect(techCorp.id).not.toBe(mobile.id);
}, 60_000);

test('reports as JSON and text', async () => {
  const json = await cli('--json', '--full');
  expect(JSON.parse(json.stdout)).toMatchObject({ run: { status: 'verified', mode: 'full' }, findings: [] });
  for (const ending of ['txt', 'json']) {
    const file = path.join(folder, `report.${ending}`);
    expect(await cli(`--report=${file}`)).toMatchObject({ status: 0, stderr: '' });
    expect(readFileSync(file, 'utf8')).toMatch(/Balance|verified/);
  }
  expect((await cli('--report', '--verbose')).stdout).toContain('- Transactions Checked:');
}, 60_000);

test('status 2 when it could not check, and why', async () => {
  const away = 'postgresql://b2b_reconciler@127.0.0.1:1/none';
  const cases: [Promise<{ status: number | null; stderr: string }>, RegExp][] = [
    [cli('--vendor-id=abc'), /'abc' is invalid/],
    [cli('--vendor-id=4711'), /no vendor 4711/],
    [cliWith({ DATABASE_URL: away }), /could not check.*ECONNREFUSED/],
    [cliWith({ NATS_URL: '127.0.0.1:1' }), /could not check: NATS/],
    [cliWith({ DATABASE_URL: 'nonsense' }), /DATABASE_URL/],
  ];
  for (const [result, reason] of cases) {
    const { status, stderr } = await result;
    expect(status).toBe(2);
    expect(stderr).toMatch(reason);
  }
}, 60_000);
