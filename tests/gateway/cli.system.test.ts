import { afterAll, beforeAll, expect, test } from 'vitest';
import { runTool } from '../run-tool.ts';
import { Caller } from './caller.ts';
import { type System, startSystem } from './system.ts';

let system: System;
beforeAll(async () => {
  system = await startSystem();
});
afterAll(() => system?.[Symbol.asyncDispose]());

const CLI = 'services/backoffice/src/cli.ts';
const BALANCE = '/api/vendors/balance/';

async function run(...args: string[]): Promise<{ code: number | null; out: string; err: string }> {
  const env = system.base.playground.environment('backoffice');
  const { status, stdout, stderr } = await runTool(CLI, args, { env });
  return { code: status, out: stdout.trim(), err: stderr };
}

test('a vendor is opened, a token issued, used, listed and revoked at once', async () => {
  const created = await run('vendor', 'create', '--name', 'Mobile Plus', '--daily-limit', '1000.00');
  expect(created.code, created.err).toBe(0);
  const vendor = created.out;
  const issued = await run('issue', '--vendor', vendor, '--name', 'till-3', '--expires-in', '30d', '--json');
  const { id, token, expires_at } = JSON.parse(issued.out);
  expect(Date.parse(expires_at)).toBeGreaterThan(Date.now() + 29 * 86_400_000);
  const caller = new Caller(system.url, token);
  expect((await caller.get(BALANCE)).data).toMatchObject({ name: 'Mobile Plus', daily_limit: 1_000 });
  const listed = await run('list', '--vendor', vendor);
  expect(listed.out).toContain('till-3');
  expect(listed.out).not.toContain(token);
  expect((await run('revoke', String(id))).code).toBe(0);
  await expect.poll(async () => (await caller.get(BALANCE)).status).toBe(401);
});

test('an admin by name; a read-only one only reads', async () => {
  const { out: token } = await run('issue', '--admin', '--name', 'auditor', '--read-only');
  expect(token).toMatch(/^b2ba_/);
  const auditor = new Caller(system.base.backofficeUrl, token);
  expect((await auditor.get('/api/admin/vendors/')).status).toBe(200);
  expect((await auditor.post('/api/admin/vendors/', { name: 'x' })).code).toBe('READ_ONLY_TOKEN');
});

test.each([
  [['issue', '--name', 'x']],
  [['issue', '--admin', '--vendor', '1', '--name', 'x']],
  [['issue', '--vendor', '2000000000', '--name', 'x']],
  [['issue', '--vendor', '1; DROP', '--name', 'x']],
  [['issue', '--admin', '--name', 'x', '--expires-in', 'soon']],
  [['revoke', '999999']],
  [['vendor', 'create', '--name', 'x', '--daily-limit', '1.005']],
  [['frobnicate']],
  [['list', '--colour']],
])('%j is refused with status 2 and a reason', async (args) => {
  const { code, out, err } = await run(...args);
  expect([code, out]).toEqual([2, '']);
  expect(err).not.toMatch(/\bat .*\.ts/);
  expect(err.length).toBeGreaterThan(10);
});

test('a missing setting is named', async () => {
  const failed = await runTool(CLI, ['list'], { env: { LOCAL_DIR: import.meta.dirname } });
  expect(failed.status).toBe(2);
  expect(failed.stderr).toMatch(/DATABASE_URL: is missing\nNATS_URL: is missing/);
});
