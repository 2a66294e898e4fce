import { afterAll, beforeAll, expect, test } from 'vitest';
import { createPlayground, type Playground } from '../harness.ts';
import { runTool } from '../run-tool.ts';

let playground: Playground;
beforeAll(async () => {
  playground = await createPlayground();
});
afterAll(() => playground?.[Symbol.asyncDispose]());

const CLI = 'services/backoffice/src/operator-cli.ts';

async function run(
  args: string[],
  input = '',
  settings: Record<string, string> = {},
): Promise<{ code: number | null; out: string; err: string }> {
  const env = { DATABASE_URL: playground.database.urls.backoffice, ...settings };
  const { status, stdout, stderr } = await runTool(CLI, args, { env, input });
  return { code: status, out: stdout, err: stderr };
}

test('an operator is created, listed, given another role and password, and disabled', async () => {
  expect(await run(['create', 'Sara', '--role', 'admin'], 'a long enough password\n')).toMatchObject({
    code: 0,
    out: 'sara created, admin\n',
  });
  const again = await run(['create', 'sara', '--role', 'admin'], 'a long enough password\n');
  expect(again).toMatchObject({ code: 2, err: expect.stringContaining('already') });
  expect((await run(['set-role', 'sara', '--role', 'auditor'])).out).toContain('sara: auditor');
  const before = (await playground.sql('SELECT password_hash FROM backoffice.operators')).rows[0];
  expect((await run(['reset-password', 'sara'], 'another long password\n')).code).toBe(0);
  expect((await run(['disable', 'sara'])).out).toContain('disabled');
  const listed = JSON.parse((await run(['list', '--json'])).out);
  expect(listed.operators).toMatchObject([{ username: 'sara', role: 'auditor', enabled: false }]);
  const { rows } = await playground.sql('SELECT password_hash, generation FROM backoffice.operators');
  expect(rows[0].password_hash).not.toBe(before.password_hash);
  expect(rows[0].password_hash).toMatch(/^scrypt\$32768\$/);
  expect(rows[0].generation).toBe(4);
  const acts = await playground.sql('SELECT act, operator FROM backoffice.operator_acts ORDER BY id');
  expect(acts.rows.map(({ act }) => act)).toEqual([
    'operator.create',
    'operator.set-role',
    'operator.reset-password',
    'operator.disable',
  ]);
});

test.each([
  [['create', 'x', '--role', 'admin'], 'a long enough password\n', 'a name is 2 to 40'],
  [['create', 'short', '--role', 'admin'], 'too short\n', '12 to 200 characters'],
  [['create', 'none', '--role', 'admin'], '', 'expected on standard input'],
  [['create', 'boss', '--role', 'root'], 'a long enough password\n', '--role is needed'],
  [['create', 'argv', '--password', 'x'], '', "Unknown option '--password'"],
  [['disable', 'nobody'], '', 'there is no operator nobody'],
  [['dance'], '', 'a command and a name'],
  [[], '', 'a command and a name'],
])('%j is refused, with the usage', async (args, input, says) => {
  const { code, err } = await run(args, input);
  expect(code).toBe(2);
  expect(err).toContain(says);
  expect(err).toContain('reset-password NAME');
});

test('a password is not hashed cheaply', async () => {
  const weak = { CONSOLE_PASSWORD_COST: '10' };
  const refused = await run(['create', 'cheap', '--role', 'admin'], 'a long enough password\n', weak);
  expect(refused).toMatchObject({ code: 2, err: expect.stringContaining('must be at least 15') });
});
