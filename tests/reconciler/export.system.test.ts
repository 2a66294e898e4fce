import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { exportVendor } from '../../services/reconciler/src/export/export-vendor.ts';
import { runB2b } from '../run-tool.ts';
import { openScene, type Scene } from './scene.ts';

const CHARGES = 7;
const stack = new AsyncDisposableStack();
const parent = mkdtempSync(path.join(tmpdir(), 'export-'));
let scene: Scene;
let pool: pg.Pool;

beforeAll(async () => {
  scene = stack.use(await openScene());
  for (const vendorId of [1, 2]) await scene.open(vendorId, '1000.00');
  for (let n = 1; n <= CHARGES; n++)
    for (const vendorId of [1, 2]) await scene.charge(vendorId, `of-${vendorId}-${n}`, '12.34');
  await scene.charge(1, 'too-much', '5000000');
  const { DATABASE_URL } = scene.playground.environment('reconciler');
  pool = stack.adopt(new pg.Pool({ connectionString: DATABASE_URL }), (one) => one.end());
});
afterAll(() => stack.disposeAsync());

const cli = (...args: string[]) =>
  runB2b(['export', ...args], {
    env: scene.playground.environment('reconciler'),
  });
const linesOf = (folder: string, file: string) =>
  readFileSync(path.join(folder, file), 'utf8')
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line));

test('everything of one vendor and nothing of another, page by page, with what proves it', async () => {
  const folder = path.join(parent, 'one');
  const manifest = await exportVendor({ pool, vendorId: 1, currency: 'IRT', folder, pageRows: 3 });
  const transactions = linesOf(folder, 'transactions.jsonl');
  // Opened, one credit, the charges, and one that was refused.
  expect(transactions.map(({ seq }) => seq)).toEqual(Array.from({ length: CHARGES + 3 }, (_, n) => n + 1));
  for (const [index, one] of transactions.slice(1).entries()) {
    expect(one.previous_hash).toBe(transactions[index].hash);
    expect(one.balance_before).toBe(transactions[index].balance_after);
  }
  expect(transactions.at(-2)).toMatchObject({ type: 'charge', amount: '12.34', balance_after: '913.62' });
  expect(transactions.at(-1)).toMatchObject({ status: 'rejected', reason: 'INSUFFICIENT_BALANCE' });
  expect(JSON.stringify(transactions)).not.toContain('of-2-');
  expect(linesOf(folder, 'vendor.jsonl')).toMatchObject([
    { vendor_id: 1, balance: '913.62', seq: CHARGES + 3 },
  ]);
  expect(manifest.head).toEqual({ seq: String(CHARGES + 3), hash: transactions.at(-1).hash });
  const [request] = linesOf(folder, 'credit-requests.jsonl');
  expect(request).toMatchObject({
    amount: '1000.00',
    status: 'posted',
    transaction_id: transactions[1].transaction_id,
  });
  expect(linesOf(folder, 'credit-approvals.jsonl')).toMatchObject([{ request_id: request.id }]);
});

test('the manifest has every file with its rows and its hash, and only their owner may read them', async () => {
  const folder = path.join(parent, 'two');
  const done = await cli('--vendor-id=2', `--out=${folder}`);
  expect(done).toMatchObject({ status: 0, stderr: '' });
  expect(done.stdout).toContain(`vendor 2 up to transaction ${CHARGES + 2}`);
  const { files, currency } = JSON.parse(readFileSync(path.join(folder, 'manifest.json'), 'utf8'));
  expect(currency).toBe('IRT');
  expect(files).toHaveLength(5);
  for (const { file, rows, bytes, sha256 } of files) {
    const content = readFileSync(path.join(folder, file));
    expect(linesOf(folder, file)).toHaveLength(rows);
    expect(content.length).toBe(bytes);
    expect(createHash('sha256').update(content).digest('hex')).toBe(sha256);
    expect(statSync(path.join(folder, file)).mode & 0o077).toBe(0);
  }
});

test('what is there already is not written over; an unknown vendor and bad options are told', async () => {
  const folder = path.join(parent, 'taken');
  mkdirSync(folder);
  expect(await cli('--vendor-id=1', `--out=${folder}`)).toMatchObject({
    status: 2,
    stderr: expect.stringContaining('file already exists'),
  });
  const unknown = path.join(parent, 'unknown');
  expect(await cli('--vendor-id=77', `--out=${unknown}`)).toMatchObject({
    status: 2,
    stderr: 'there is no vendor 77\n',
  });
  expect(statSync(unknown, { throwIfNoEntry: false })).toBeUndefined();
  expect((await cli('--vendor-id=0', '--out=x')).status).toBe(2);
  expect((await cli('--vendor-id=1')).stderr).toContain("required option '--out <folder>'");
  expect(await cli('--help')).toMatchObject({ status: 0, stdout: expect.stringContaining('Usage') });
});
