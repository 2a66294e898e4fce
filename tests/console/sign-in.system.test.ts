import { afterAll, beforeAll, expect, test } from 'vitest';
import { ConsoleClient, PASSWORD } from './client.ts';
import { type ConsoleSystem, startConsole } from './system.ts';
import { ConsoleUser } from './user.ts';

let system: ConsoleSystem;

beforeAll(async () => {
  // Locked after two wrong ones, and for long enough that no slow machine waits it out.
  system = await startConsole({
    backoffice: { CONSOLE_SIGN_IN_FAILURES: '2', CONSOLE_LOCK_OUT_S: '600' },
    services: ['gateway'],
  });
});
afterAll(() => system?.[Symbol.asyncDispose]());

const rows = (text: string, values?: unknown[]) =>
  system.base.playground.sql(text, values).then((result) => result.rows);

test('an operator signs in where the way led, and out again', async () => {
  const user = new ConsoleUser(system.url);
  await user.open('/admin/trail/?operator=cli');
  expect(user.text('title')).toContain('Sign in');
  user.fill('Name', 'Auditor ');
  user.fill('Password', PASSWORD);
  await user.press('Sign in');
  expect(user.address).toBe('/admin/trail/?operator=cli');
  const { session } = user.client;

  await user.press('Sign out');
  expect(user.text('[role=status]')).toBe('You have signed out.');
  user.client.resume(session!);
  await user.open('/admin/');
  expect(user.address).toContain('/admin/sign-in/');
});

test('no script reads the cookie of a session, and no other site sends it along', async () => {
  const answer = await new ConsoleClient(system.url).signIn('auditor');
  const [cookie] = answer.headers.getSetCookie().filter((one) => one.startsWith('console-session='));
  expect(cookie).toContain('; HttpOnly');
  expect(cookie).toContain('; SameSite=Lax');
});

const alertOf = async (answer: Response) => /role="alert">([^<]*)</.exec(await answer.text())?.[1];
/** A page that asks no other service. */
const TRAIL = '/admin/trail/';

test('a wrong password and a name that nobody has get the same answer, and both are locked out', async () => {
  await system.operator('locked', 'admin');
  const answers: unknown[][] = [];
  for (const name of ['locked', 'nobody-at-all']) {
    const client = new ConsoleClient(system.url);
    const said: unknown[] = [];
    for (let attempt = 0; attempt < 3; attempt++) {
      const answer = await client.signIn(name, 'not the password');
      said.push([answer.status, await alertOf(answer)]);
    }
    answers.push(said);
  }
  expect(answers[0]).toEqual([
    [401, 'The name or the password is not right.'],
    [401, 'The name or the password is not right.'],
    [429, expect.stringMatching(/^Too many attempts\. Try again in (9|10) min\.$/)],
  ]);
  expect(answers[1]).toEqual(answers[0]);
  const right = await new ConsoleClient(system.url).signIn('locked');
  expect(await alertOf(right)).toMatch(/Too many attempts/);
});

test('the right password in between forgives the wrong one before it', async () => {
  await system.operator('clumsy', 'auditor');
  const client = new ConsoleClient(system.url);
  for (let round = 0; round < 2; round++) {
    expect((await client.signIn('clumsy', 'not the password')).status).toBe(401);
    const answer = await client.signIn('clumsy');
    expect([answer.status, answer.headers.get('location')]).toEqual([303, '/admin/']);
    expect((await client.get(TRAIL)).status).toBe(200);
    expect((await client.signOut()).status).toBe(303);
  }
});

test('signing in gives another session than the one before, which has ended', async () => {
  await system.operator('twice', 'auditor');
  const client = await ConsoleClient.signedIn(system.url, 'twice');
  const first = client.session!;
  expect((await client.signIn('twice')).status).toBe(303);
  expect(client.session).not.toBe(first);
  expect((await client.get(TRAIL)).status).toBe(200);
  client.resume(first);
  const answer = await client.get(TRAIL);
  expect([answer.status, answer.headers.get('location')]).toEqual([
    303,
    '/admin/sign-in/?next=%2Fadmin%2Ftrail%2F',
  ]);
});

test('a new password, another role and disabling end the sessions at the next request', async () => {
  for (const [name, change] of [
    ['reset', "generation = generation + 1, password_hash = 'scrypt$1$1$1$x$x'"],
    ['moved', "generation = generation + 1, role = 'auditor'"],
    ['gone', 'enabled = false'],
  ]) {
    await system.operator(name!, 'admin');
    const client = await ConsoleClient.signedIn(system.url, name!);
    expect((await client.get(TRAIL)).status).toBe(200);
    await rows(`UPDATE backoffice.operators SET ${change} WHERE username = $1`, [name]);
    const answer = await client.get(TRAIL);
    expect([name, answer.status]).toEqual([name, 303]);
    expect(answer.headers.get('location')).toMatch(/^\/admin\/sign-in\//);
  }
});

test('every sign-in and every sign-out is in the trail, which the database does not let anyone change', async () => {
  await system.operator('trailed', 'auditor');
  const client = await ConsoleClient.signedIn(system.url, 'trailed');
  await client.signOut();
  const acts = await rows(
    "SELECT act, stage, target FROM backoffice.operator_acts WHERE operator = 'trailed' ORDER BY id",
  );
  expect(acts).toEqual([
    { act: 'operator.sign-in', stage: 'done', target: 'operator:trailed' },
    { act: 'operator.sign-out', stage: 'asked', target: 'operator:trailed' },
    { act: 'operator.sign-out', stage: 'done', target: 'operator:trailed' },
  ]);
  for (const change of [
    "UPDATE backoffice.operator_acts SET operator = 'other'",
    'DELETE FROM backoffice.operator_acts',
    'TRUNCATE backoffice.operator_acts',
  ])
    await expect(rows(change)).rejects.toThrow('append-only');
});

test('language and colours are chosen without a script, before and after signing in', async () => {
  const user = new ConsoleUser(system.url);
  await user.open('/admin/sign-in/?next=%2Fadmin%2Ftrail%2F');
  await user.press('فارسی');
  expect(user.document.documentElement.getAttribute('dir')).toBe('rtl');
  expect(user.address).toContain('next=%2Fadmin%2Ftrail%2F');
  user.fill('نام کاربری', 'auditor');
  user.fill('گذرواژه', PASSWORD);
  await user.press('ورود');
  expect(user.title).toBe('رد کارها');
  await user.press('تیره');
  expect(user.document.documentElement.getAttribute('data-theme')).toBe('dark');
});
