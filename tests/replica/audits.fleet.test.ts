import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parseConfig } from '../../services/reconciler/src/config.ts';
import { exportVendor } from '../../services/reconciler/src/export/export-vendor.ts';
import type { AuditTools } from '../../services/reconciler/src/run/audit-tools.ts';
import { openTools } from '../../services/reconciler/src/run/open-tools.ts';
import { type FinishedRun, type RunOptions, runAudit } from '../../services/reconciler/src/run/run-audit.ts';
import { asOwner } from '../reconciler/scene.ts';
import { openScene, type Scene, VENDORS } from './scene.ts';

/** Audits that read a streaming replica: as strict as on the primary, and no false alarm for what is not there yet. */

let scene: Scene;
beforeAll(async () => {
  scene = await openScene();
}, 90_000);
afterAll(() => scene?.[Symbol.asyncDispose]());

const open = (environment: Record<string, string> = {}) =>
  openTools(
    parseConfig({
      ...scene.fleet.environment('reconciler'),
      REPLICA_DATABASE_URL: scene.replicaUrl('reconciler'),
      SIGNING_KEY_FILE: path.join(scene.fleet.folder, 'key.pem'),
      CREDIT_SOURCES: 'gateway',
      ...environment,
    }),
  );
const audit = (tools: AuditTools, options: Partial<RunOptions> = {}): Promise<FinishedRun> =>
  runAudit(tools, { mode: 'full', vendorId: null, trigger: 'test', startedBy: 'test', ...options });

/** Sells on and on while something is done. */
async function selling(work: () => Promise<void>): Promise<void> {
  let ended = false;
  const tills = VENDORS.map(async (vendorId) => {
    while (!ended) await scene.charge(vendorId);
  });
  await work().finally(() => {
    ended = true;
  });
  await Promise.all(tills);
}

test('a shop that sells on is verified there, audit after audit, checkpoint after checkpoint', async () => {
  await using tools = await open();
  await selling(async () => {
    for (const mode of ['full', 'incremental', 'incremental', 'full'] as const) {
      const { run, findings, checkpoint } = await audit(tools, { mode });
      expect({ mode: run.mode, notes: run.notes, findings }).toEqual({ mode, notes: [], findings: [] });
      expect(run).toMatchObject({ status: 'verified', vendors_checked: VENDORS.length });
      expect(run.commands_checked).toBeGreaterThan(0);
      expect(checkpoint).not.toBeNull();
    }
  });
  const read = await asOwner(scene.replica.server.url, (client) =>
    client.query("SELECT FROM pg_stat_activity WHERE application_name = 'reconciler'"),
  );
  expect(read.rowCount).toBeGreaterThan(0);
});

test('one that does not get there in time is left alone, and the report says so', async () => {
  await using tools = await open({ REPLICA_WAIT_MS: '100' });
  await scene.onReplica('SELECT pg_wal_replay_pause()');
  await selling(async () => {
    const { run } = await audit(tools);
    expect(run.status).toBe('verified');
    expect(run.notes).toEqual(['the replica was not used (it is lagging): read from the primary']);
  });
  await scene.onReplica('SELECT pg_wal_replay_resume()');
});

test('one that goes away under an audit costs its time, not the audit', async () => {
  await using tools = await open();
  const warnings: string[] = [];
  const breaking: AuditTools = {
    ...tools,
    published: () => {
      scene.link.cut();
      return tools.published();
    },
  };
  const { run } = await audit(breaking, { onWarning: (_, message) => void warnings.push(message) });
  scene.link.mend();
  expect({ status: run.status, warnings }).toEqual({
    status: 'verified',
    warnings: ['the audit begins again, from the primary'],
  });
});

test('an export is the same from there', async () => {
  await using tools = await open();
  const { head, files } = await exportVendor({
    ...tools,
    vendorId: 2,
    folder: path.join(scene.fleet.folder, 'export'),
  });
  const fromPrimary = await exportVendor({
    pool: tools.pool,
    currency: tools.currency,
    vendorId: 2,
    folder: path.join(scene.fleet.folder, 'export-of-primary'),
  });
  expect({ head, files }).toEqual({ head: fromPrimary.head, files: fromPrimary.files });
});

test('what was tampered with is found there', async () => {
  await using tools = await open();
  for (let sale = 0; sale < 2; sale++) await scene.charge(3);
  await asOwner(scene.fleet.databaseUrl, (client) =>
    client.query(
      `ALTER TABLE ledger.transactions DISABLE TRIGGER USER;
       UPDATE ledger.transactions SET phone_number = '+989121234568',
         phone_commitment = sha256(phone_salt || '+989121234568'::bytea) WHERE vendor_id = 3 AND seq = 4;
       ALTER TABLE ledger.transactions ENABLE TRIGGER USER`,
    ),
  );
  await selling(async () => {
    const { run, findings } = await audit(tools);
    expect(run.status).toBe('critical');
    // Nothing else is noted: the replica was read, to the end.
    expect(run.notes).toEqual([expect.stringContaining('exactly-once, vendor 3, seq 4: ')]);
    expect(new Set(findings.map(({ vendor_id, seq }) => `${vendor_id}/${seq}`))).toContain('3/4');
  });
});
