import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parseConfig } from '../../services/reconciler/src/config.ts';
import { checkReceipt } from '../../services/reconciler/src/receipts/check-receipt.ts';
import { issueReceipt } from '../../services/reconciler/src/receipts/issue-receipt.ts';
import { openTools } from '../../services/reconciler/src/run/open-tools.ts';
import { openScene, type Scene } from './scene.ts';

const stack = new AsyncDisposableStack();
let scene: Scene;
beforeAll(async () => {
  scene = stack.use(await openScene());
  await scene.open(1, '1000000');
});
afterAll(() => stack.disposeAsync());

async function receiptOf(key: string) {
  const sold = await scene.charge(1, key, '1234.5');
  if (sold.outcome !== 'posted') throw new Error('not sold');
  const environment = scene.playground.environment('reconciler', { SIGNING_KEY_FILE: scene.keyFile });
  await using tools = await openTools(parseConfig(environment));
  const { transaction } = sold;
  const receipt = await issueReceipt(tools, { vendorId: 1, transactionId: transaction.transaction_id });
  return { transaction, receipt: receipt!, publicKey: tools.keys!.current.publicKey };
}

/** The shell line of docs/reconciler.md that prints the hash of a receipt's content. */
function documentedHash(): string {
  const page = readFileSync(path.join(import.meta.dirname, '../../docs/reconciler.md'), 'utf8');
  const line = page.split('\n').find((text) => text.endsWith('| sha256sum'));
  if (!line) throw new Error('docs/reconciler.md has no line that ends with sha256sum');
  return line;
}

test('a receipt states its times as ISO 8601, as the transaction does', async () => {
  const { transaction, receipt, publicKey } = await receiptOf('times');
  const lines = receipt.statement.split('\n');
  expect(lines).toContain(`created_at: ${transaction.created_at}`);
  expect(lines.filter((line) => /^[a-z_]+: [0-9]{13}$/.test(line))).toEqual([]);
  expect(checkReceipt(JSON.stringify(receipt), publicKey)).toMatchObject({
    valid: true,
    text: expect.stringContaining(`, ${transaction.created_at}\n`),
  });
});

test('the documented shell line finds the hash of a statement', async () => {
  const { receipt } = await receiptOf('by-hand');
  const folder = mkdtempSync(path.join(tmpdir(), 'receipt-'));
  try {
    writeFileSync(path.join(folder, 'statement'), receipt.statement);
    const printed = execFileSync('bash', ['-c', documentedHash()], { cwd: folder, encoding: 'utf8' });
    expect(receipt.statement.split('\n')).toContain(`hash: ${printed.split(' ')[0]}`);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
