import { generateKeyPairSync } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parseConfig } from '../../services/reconciler/src/config.ts';
import { loadKeys } from '../../services/reconciler/src/keys/signing-key.ts';
import { issueReceipt } from '../../services/reconciler/src/receipts/issue-receipt.ts';
import { verifyReceipt } from '../../services/reconciler/src/receipts/verify-receipt.ts';
import { openTools } from '../../services/reconciler/src/run/open-tools.ts';
import { asOwner, openScene, type Scene } from './scene.ts';

const stack = new AsyncDisposableStack();
let scene: Scene;

beforeAll(async () => {
  scene = stack.use(await openScene());
  for (const vendor of [1, 2, 3]) await scene.open(vendor, '1000000');
  expect((await scene.audit()).checkpoint).not.toBeNull();
});
afterAll(() => stack.disposeAsync());

const openSceneTools = () =>
  openTools(parseConfig(scene.playground.environment('reconciler', { SIGNING_KEY_FILE: scene.keyFile })));

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
      transaction_id: transactionId,
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
