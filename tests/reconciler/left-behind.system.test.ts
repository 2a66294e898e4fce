import { afterEach, beforeEach, expect, test } from 'vitest';
import { asOwner, openScene, type Scene } from './scene.ts';

/** Audits that begin elsewhere than where the last one ended: nothing that was in order then is new now. */
let stack: AsyncDisposableStack;
let scene: Scene;

beforeEach(async () => {
  stack = new AsyncDisposableStack();
  scene = stack.use(await openScene());
  for (const vendor of [1, 2]) await scene.open(vendor, '1000000');
});
afterEach(() => stack.disposeAsync());

const edit = (table: string, statement: string) =>
  asOwner(scene.playground.database.adminUrl, async (client) => {
    await client.query(`ALTER TABLE ${table} DISABLE TRIGGER USER`);
    await client.query(statement);
    await client.query(`ALTER TABLE ${table} ENABLE TRIGGER USER`);
  });
const askedFor = (more: number) =>
  edit('credits.requests', `UPDATE credits.requests SET amount = amount + ${more} WHERE vendor_id = 1`);
const rename = (from: string, to: string) =>
  edit(
    'ledger.transactions',
    `UPDATE ledger.transactions SET message_id = '${to}' WHERE message_id = '${from}'`,
  );

test('an empty system holds, and so does what comes after', async () => {
  await using empty = await openScene();
  expect(await empty.audit()).toMatchObject({ findings: [], run: { status: 'verified' } });
  await empty.open(1, '1000');
  expect(await empty.audit()).toMatchObject({ findings: [], run: { status: 'verified' } });
});

test('a later audit begun at an older checkpoint knows what the newer ones have compared', async () => {
  await scene.audit();
  const between = new Date();
  await scene.charge(1, 'in-between', '100');
  await scene.audit();
  await scene.charge(1, 'new', '100');
  const { findings, run } = await scene.audit({ since: between });
  expect(findings).toEqual([]);
  expect(run).toMatchObject({ mode: 'incremental', transactions_checked: 2, commands_checked: 1 });
});

test('a vendor left behind by one audit is not backdated after another that vouched for nobody', async () => {
  await scene.audit();
  await scene.charge(1, 'left-behind', '100');
  await askedFor(1);
  // The log is compared all the same, and vendor 2 moves on.
  expect((await scene.audit()).findings).toMatchObject([
    { check: 'credit-requests', vendor_id: 1 },
    { check: 'credit-requests', vendor_id: 1 },
  ]);
  await askedFor(-1);
  await scene.charge(2, 'sold', '100');
  await rename('sold', 'sold-otherwise');
  const { run, findings } = await scene.audit();
  expect(run.status).toBe('critical');
  expect(findings.filter(({ vendor_id }) => vendor_id === 1)).toEqual([]);
  await rename('sold-otherwise', 'sold');
  expect(await scene.audit()).toMatchObject({ findings: [], run: { status: 'verified' } });
});
