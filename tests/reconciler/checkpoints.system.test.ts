import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { publishedReportSchema } from '@b2b-charge/contracts';
import { jetstreamManager } from '@nats-io/jetstream';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parseConfig } from '../../services/reconciler/src/config.ts';
import { parseCheckpointStatement } from '../../services/reconciler/src/domain/checkpoint-statement.ts';
import { loadKeys } from '../../services/reconciler/src/keys/signing-key.ts';
import { issueReceipt } from '../../services/reconciler/src/receipts/issue-receipt.ts';
import { verifyReceipt } from '../../services/reconciler/src/receipts/verify-receipt.ts';
import { lastPublished } from '../../services/reconciler/src/report/publish.ts';
import { openTools } from '../../services/reconciler/src/run/open-tools.ts';
import { applyRetention } from '../../services/reconciler/src/store/retention.ts';
import { asOwner, connectAs, openScene, type Scene } from './scene.ts';

const stack = new AsyncDisposableStack();
let scene: Scene;

beforeAll(async () => {
  scene = stack.use(await openScene());
  for (const vendor of [1, 2, 3]) await scene.open(vendor, '1000000');
});
afterAll(() => stack.disposeAsync());

const openSceneTools = () =>
  openTools(parseConfig(scene.playground.environment('reconciler', { SIGNING_KEY_FILE: scene.keyFile })));

test('an incremental audit looks at new transactions only, and gives the next checkpoint', async () => {
  const first = await scene.audit();
  expect(first.run).toMatchObject({ mode: 'full', vendors_checked: 3, transactions_checked: 6 });
  expect(first.checkpoint?.checkpoint_id).toBe(1);
  const unchanged = await scene.audit();
  expect(unchanged.run).toMatchObject({ mode: 'incremental', transactions_checked: 0, commands_checked: 0 });
  expect(unchanged.checkpoint).toBeNull();
  await scene.charge(2, 'new', '500');
  const next = await scene.audit();
  expect(next.run).toMatchObject({ mode: 'incremental', vendors_checked: 3, transactions_checked: 1 });
  expect(next.run.commands_checked).toBe(1);
  const facts = parseCheckpointStatement(next.checkpoint!.statement);
  expect(facts).toMatchObject({ number: 2, vendors: 3, transactions: 7n, balance: 299_950_000n });
  const full = await scene.audit({ mode: 'full' });
  expect(full.run).toMatchObject({ mode: 'full', transactions_checked: 7, status: 'verified' });
});

test('--since begins at the checkpoint before that time', async () => {
  const { run } = await scene.audit({ since: new Date(0) });
  expect(run.mode).toBe('full');
  const later = await scene.audit({ since: new Date() });
  expect(later.run).toMatchObject({ mode: 'incremental', transactions_checked: 0 });
});

test('reports are published with the newest checkpoint as a witness', async () => {
  const { nc, subjects } = scene.playground;
  const manager = await jetstreamManager(nc);
  const message = await manager.streams.getMessage(subjects.streams.reports, {
    last_by_subj: subjects.auditReports,
  });
  const published = publishedReportSchema.parse(message?.json());
  expect(published.checkpoint?.checkpoint_id).toBe(2);
  const { current, verify } = loadKeys(scene.keyFile);
  expect(
    verify(
      current.keyId,
      published.checkpoint!.statement,
      Buffer.from(published.checkpoint!.signature, 'base64'),
    ),
  ).toBe(true);
});

test('a witness that does not answer is not one that has seen nothing', async () => {
  const { subjects } = scene.playground;
  await using own = await openSceneTools();
  expect(await lastPublished(own.nc, subjects)).not.toBeNull();
  const nc = stack.adopt(await connectAs('gateway'), (connection) => connection.close()); // may not read reports
  await expect(lastPublished(nc, subjects)).rejects.toThrow(/Permissions/i);
});

test('after tampering with the checkpoints nothing is vouched for until someone says so', async () => {
  const { adminUrl } = scene.playground.database;
  await asOwner(adminUrl, (client) =>
    client.query('UPDATE reconciler.heads SET balance = balance + 1 WHERE vendor_id = 3'),
  );
  await scene.charge(1, 'meanwhile', '500');
  const refused = await scene.audit();
  expect(refused.run).toMatchObject({ mode: 'full', status: 'critical' });
  expect(refused.checkpoint).toBeNull();
  expect((await scene.audit()).run.status).toBe('critical');
  await asOwner(adminUrl, (client) =>
    client.query('UPDATE reconciler.heads SET balance = balance - 1 WHERE vendor_id = 3'),
  );
  expect((await scene.audit()).run).toMatchObject({ mode: 'incremental', status: 'verified' });
});

test('what is older than its retention is forgotten, and the audits after it hold', async () => {
  const { adminUrl } = scene.playground.database;
  await scene.charge(1, 'before-retention', '500');
  const newest = (await scene.audit()).checkpoint!.checkpoint_id;
  await asOwner(adminUrl, async (client) => {
    await client.query("UPDATE reconciler.runs SET started_at = started_at - interval '10 days'");
    await client.query("UPDATE reconciler.checkpoints SET taken_at = taken_at - interval '10 days'");
  });
  await using tools = await openSceneTools();
  await applyRetention(tools.pool, { reportDays: 5, historyDays: 5 });
  const left = await asOwner(adminUrl, async (client) => ({
    runs: (await client.query('SELECT FROM reconciler.runs')).rowCount,
    heads: (await client.query('SELECT vendor_id, checkpoint_id FROM reconciler.heads ORDER BY 1')).rows,
  }));
  expect(left.runs).toBe(0);
  expect(left.heads.map(({ vendor_id }) => vendor_id)).toEqual([1, 2, 3]);
  expect(left.heads[0]).toMatchObject({ checkpoint_id: String(newest) });
  for (const mode of ['incremental', 'full'] as const) {
    const { run, findings } = await scene.audit({ mode, environment: { CHECKPOINT_HISTORY_DAYS: '5' } });
    expect(findings).toEqual([]);
    expect(run).toMatchObject({ mode, status: 'verified' });
  }
});

test('the key file is made once, for its owner only, and keeps old public keys good', () => {
  const file = path.join(mkdtempSync(path.join(tmpdir(), 'keys-')), 'deep', 'key.pem');
  const first = loadKeys(file);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(loadKeys(file).current.keyId).toBe(first.current.keyId);
  const signature = first.current.sign('text');
  const { privateKey } = generateKeyPairSync('ed25519');
  writeFileSync(file, privateKey.export({ type: 'pkcs8', format: 'pem' }) + first.current.publicKey);
  const rotated = loadKeys(file);
  expect(rotated.current.keyId).not.toBe(first.current.keyId);
  expect(rotated.verify(first.current.keyId, 'text', signature)).toBe(true);
  expect(rotated.verify(first.current.keyId, 'other text', signature)).toBe(false);
  writeFileSync(file, 'nothing');
  expect(() => loadKeys(file)).toThrow(/no Ed25519 private key/);
});

test('a receipt is verified offline, by a key had before, and only unchanged', async () => {
  await using tools = await openSceneTools();
  const sold = await scene.charge(1, 'with-receipt', '1234.5');
  if (sold.outcome !== 'posted') throw new Error('not sold');
  const transactionId = sold.transaction.transaction_id;
  const receipt = await issueReceipt(tools, { vendorId: 1, transactionId });
  const { publicKey } = loadKeys(scene.keyFile).current;
  expect(verifyReceipt(receipt!, publicKey)).toMatchObject({
    valid: true,
    phoneNumber: '+989123456789',
    content: {
      id: transactionId,
      amount: '123450',
      message_id: 'with-receipt',
    },
  });
  const changed = { ...receipt!, statement: receipt!.statement.replace('123450', '923450') };
  expect(verifyReceipt(changed, publicKey)).toMatchObject({ valid: false });
  const other = generateKeyPairSync('ed25519').publicKey.export({ type: 'spki', format: 'pem' }).toString();
  expect(verifyReceipt(receipt!, other)).toMatchObject({ valid: false });
  const exchanged = { ...receipt!, checkpoint: null };
  expect(verifyReceipt(exchanged, publicKey)).toMatchObject({
    valid: false,
    reason: expect.stringMatching(/checkpoint/),
  });
  expect(await issueReceipt(tools, { vendorId: 2, transactionId })).toBeNull();
  expect(readFileSync(scene.keyFile, 'utf8')).toContain('PRIVATE KEY');
});

test('the signing key is rotated: audits go on, old receipts stay good by the old key, new ones are by the new', async () => {
  const before = loadKeys(scene.keyFile).current;
  const sold = await scene.charge(2, 'before-rotation', '1');
  if (sold.outcome !== 'posted') throw new Error('not sold');
  expect((await scene.audit()).run.status).toBe('verified');
  const wanted = { vendorId: 2, transactionId: sold.transaction.transaction_id };
  const receiptNow = async () => {
    await using tools = await openSceneTools();
    return await issueReceipt(tools, wanted);
  };
  const old = await receiptNow();
  const { privateKey } = generateKeyPairSync('ed25519');
  writeFileSync(scene.keyFile, privateKey.export({ type: 'pkcs8', format: 'pem' }) + before.publicKey);
  const after = loadKeys(scene.keyFile).current;
  expect(after.keyId).not.toBe(before.keyId);
  expect(verifyReceipt(old!, before.publicKey)).toMatchObject({ valid: true });
  const young = await receiptNow();
  // Its checkpoint is still by the key of before.
  expect(young).toMatchObject({ key_id: after.keyId, checkpoint: { key_id: before.keyId } });
  expect(verifyReceipt(young!, after.publicKey)).toMatchObject({ valid: true });
  expect(verifyReceipt(young!, before.publicKey)).toMatchObject({ valid: false });
  await scene.charge(2, 'after-rotation', '1');
  const audited = await scene.audit();
  expect(audited.run.status).toBe('verified');
  expect(audited.checkpoint).toMatchObject({ key_id: after.keyId });
});

test('no receipt for a row that contradicts its chain', async () => {
  await using tools = await openSceneTools();
  const sold = await scene.charge(3, 'to-be-changed', '10');
  if (sold.outcome !== 'posted') throw new Error('not sold');
  await asOwner(scene.playground.database.adminUrl, async (client) => {
    await client.query('ALTER TABLE ledger.transactions DISABLE TRIGGER USER');
    await client.query("UPDATE ledger.transactions SET message_id = 'changed' WHERE id = $1", [
      sold.transaction.transaction_id,
    ]);
    await client.query('ALTER TABLE ledger.transactions ENABLE TRIGGER USER');
  });
  const wanted = { vendorId: 3, transactionId: sold.transaction.transaction_id };
  await expect(issueReceipt(tools, wanted)).rejects.toMatchObject({ code: 'NOT_PROVEN' });
});
