import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ROLES, type Role } from '../../services/backoffice/src/console/operators/operator.ts';
import { pages } from '../../services/backoffice/src/console/pages/index.ts';
import { ConsoleClient } from './client.ts';
import { type ConsoleSystem, startConsole } from './system.ts';

/** Generated from the list that the gateway itself serves: a page that is added is tested here without a word. */
let system: ConsoleSystem;
let clients: Record<Role, ConsoleClient>;

beforeAll(async () => {
  system = await startConsole();
  const entries = ROLES.map(async (role) => [role, await ConsoleClient.signedIn(system.url, role)] as const);
  clients = Object.fromEntries(await Promise.all(entries)) as typeof clients;
}, 60_000);
afterAll(() => system?.[Symbol.asyncDispose]());

const addressOf = (path: string) => path.replaceAll(/:\w+/g, '1');
const nobody = () => new ConsoleClient(system.url);
const guarded = pages.filter(({ access }) => access !== 'public');
const acts = pages.filter(({ method }) => method === 'POST');
const others = guarded.flatMap((page) =>
  ROLES.filter((role) => !page.access.includes(role)).map((role) => ({ ...page, role })),
);
const acted = async () => {
  const { rows } = await system.base.playground.sql(
    "SELECT act FROM backoffice.operator_acts WHERE act <> 'operator.sign-in'",
  );
  return rows;
};

test('ids and addresses are unique, acts have a token, and only the way in is public', () => {
  const unique = (names: string[]) => expect(names.toSorted()).toEqual([...new Set(names)].toSorted());
  unique(pages.map(({ id }) => id));
  unique(pages.map(({ method, path }) => `${method} ${path}`));
  for (const act of acts) expect(act).toMatchObject({ needsToken: true });
  expect(pages.filter(({ access }) => access === 'public').map(({ id }) => id)).toEqual(
    expect.arrayContaining(['sign-in', 'sign-in-act', 'preferences']),
  );
  expect(pages.filter(({ access, id }) => access === 'public' && !id.startsWith('asset-'))).toHaveLength(3);
});

describe('without a session', () => {
  const isRead = ({ method }: { method: string }) => method === 'GET';

  test.each(guarded.filter(isRead))('GET $path leads to the sign-in', async ({ path }) => {
    const address = addressOf(path);
    const answer = await nobody().get(address);
    expect(answer.status).toBe(303);
    expect(answer.headers.get('location')).toBe(`/admin/sign-in/?next=${encodeURIComponent(address)}`);
  });

  test.each(guarded.filter((page) => !isRead(page)))('$method $path is refused', async ({ path }) => {
    const client = nobody();
    const answer = await client.post(addressOf(path), { form_token: await client.token() });
    expect(answer.status).toBe(401);
  });
});

describe('with another role', () => {
  test.each(others)('$method $path is refused to the $role', async ({ method, path, role }) => {
    const client = clients[role];
    const answer =
      method === 'GET'
        ? await client.get(addressOf(path))
        : await client.post(addressOf(path), { form_token: await client.token() });
    expect(answer.status).toBe(403);
  });
});

describe('without the token of its own session, or from elsewhere,', () => {
  const roleFor = (access: readonly string[] | 'public') =>
    access === 'public' ? 'auditor' : (access[0] as Role);
  test.each(acts)('$path does nothing', async ({ path, access }) => {
    const client = clients[roleFor(access)];
    const address = addressOf(path);
    const form_token = await client.token();
    const stranger = await nobody().token();
    const answers = [
      await client.post(address, {}),
      await client.post(address, { form_token: '' }),
      await client.post(address, { form_token: stranger }),
      await client.post(address, { form_token: `${form_token}x` }),
      await client.post(address, { form_token }, { origin: 'https://elsewhere.example' }),
      await client.post(address, { form_token }, { origin: 'null' }),
      await client.post(address, { form_token }, { 'sec-fetch-site': 'cross-site' }),
      await client.post(address, { form_token }, { 'sec-fetch-site': 'same-site' }),
    ];
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 403));
    expect(await acted()).toEqual([]);
  });
});

describe('to whom it is meant for', () => {
  const own = guarded
    .filter(({ method }) => method === 'GET')
    .flatMap((page) => (page.access as readonly Role[]).map((role) => ({ ...page, role })));
  test.each(own)('$path is open to the $role', async ({ path, role }) => {
    const answer = await clients[role].get(addressOf(path));
    expect([200, 404]).toContain(answer.status);
    const policy = answer.headers.get('content-security-policy');
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toContain('unsafe');
    expect(answer.headers.get('cache-control')).toBe('no-store');
  });
});

test('an address that is no page is not found, by any method', async () => {
  for (const path of ['/admin/nothing', '/admin/../admin/nothing/', '/admin/assets/none.css'])
    expect((await clients.admin.get(path)).status).toBe(404);
  const form_token = await clients.admin.token();
  expect((await clients.admin.post('/admin/trail/', { form_token })).status).toBe(404);
});

test('an ending of the way to sign in leads nowhere outside', async () => {
  for (const next of [
    'https://elsewhere.example/',
    '//elsewhere.example',
    '/admin//elsewhere',
    '/admin/\\evil',
  ]) {
    const answer = await clients.admin.get(`/admin/sign-in/?next=${encodeURIComponent(next)}`);
    expect(answer.headers.get('location')).toBe('/admin/');
  }
});
