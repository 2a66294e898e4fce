import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { publishedReportSchema } from '@b2b-charge/contracts';
import { jetstreamManager } from '@nats-io/jetstream';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readerOf } from '../../services/reconciler/src/audit/snapshot.ts';
import { parseConfig } from '../../services/reconciler/src/config.ts';
import {
  headLeaf,
  parseCheckpointStatement,
} from '../../services/reconciler/src/domain/checkpoint-statement.ts';
import { MerkleRoot } from '../../services/reconciler/src/domain/merkle.ts';
import { loadKeys } from '../../services/reconciler/src/keys/signing-key.ts';
import { lastPublished } from '../../services/reconciler/src/report/publish.ts';
import { openTools } from '../../services/reconciler/src/run/open-tools.ts';
import { latestCheckpoint, openSums } from '../../services/reconciler/src/store/checkpoints.ts';
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
  expect(facts?.number).toBe(2);
  await using tools = await openSceneTools();
  const sums = await openSums(readerOf(tools.pool), 2, facts!.sums);
  expect(sums).toMatchObject({ vendors: 3, transactions: 7n, balance: 299_950_000n });
  const full = await scene.audit({ mode: 'full' });
  expect(full.run).toMatchObject({ mode: 'full', transactions_checked: 7, status: 'verified' });
});

test('what a vendor gets of a checkpoint tells nothing of the sums, nor of another vendor, to those who guess right', async () => {
  await using tools = await openSceneTools();
  const checkpoint = await latestCheckpoint(readerOf(tools.pool));
  const { rows } = await scene.playground.sql(
    'SELECT sum(balance)::text AS balance, count(*)::text AS vendors, sum(seq)::text AS transactions FROM ledger.vendors',
  );
  const values = checkpoint!.statement.split('\n').map((line) => line.split(': ')[1]);
  for (const sum of Object.values(rows[0])) expect(values).not.toContain(sum);
  // Every head but for its salt: the root cannot be tried out.
  const heads = await scene.playground.sql(
    `SELECT DISTINCT ON (vendor_id) *, encode(hash, 'hex') AS hash, charged_day::text FROM reconciler.heads
     ORDER BY vendor_id, checkpoint_id DESC`,
  );
  const rootWith = (salted: boolean) => {
    const tree = new MerkleRoot();
    for (const head of heads.rows) tree.add(headLeaf(salted ? head : { ...head, salt: '' }));
    return tree.digest();
  };
  const { root, changes, sums } = parseCheckpointStatement(checkpoint!.statement)!;
  expect(rootWith(true)).toBe(root);
  expect([root, changes]).not.toContain(rootWith(false));
  expect(await openSums(readerOf(tools.pool), checkpoint!.checkpoint_id, sums)).not.toBeNull();
});

test.each([
  ['the sums', `sums = '3 7 299950000 999'`],
  ['their salt', `salt = decode(repeat('ab', 32), 'hex')`],
])('%s of a checkpoint changed are found, and nothing begins at it', async (_, set) => {
  const { adminUrl } = scene.playground.database;
  const { rows } = await scene.playground.sql(
    'SELECT sums, salt FROM reconciler.checkpoints WHERE checkpoint_id = 2',
  );
  await asOwner(adminUrl, (client) =>
    client.query(`UPDATE reconciler.checkpoints SET ${set} WHERE checkpoint_id = 2`),
  );
  const { run, findings } = await scene.audit({ dryRun: true });
  await asOwner(adminUrl, (client) =>
    client.query('UPDATE reconciler.checkpoints SET sums = $1, salt = $2 WHERE checkpoint_id = 2', [
      rows[0].sums,
      rows[0].salt,
    ]),
  );
  expect(run).toMatchObject({ mode: 'full', status: 'critical' });
  expect(findings).toMatchObject([{ check: 'checkpoint', message: expect.stringMatching(/sums/) }]);
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
