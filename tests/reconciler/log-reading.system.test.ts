import { laneOf } from '@b2b-charge/contracts';
import { jetstreamManager } from '@nats-io/jetstream';
import { afterEach, beforeEach, expect, inject, test } from 'vitest';
import { auditVendors } from '../../services/reconciler/src/audit/audit-vendors.ts';
import { openFreshSnapshot } from '../../services/reconciler/src/audit/fresh-snapshot.ts';
import { parseConfig } from '../../services/reconciler/src/config.ts';
import { LogAudit } from '../../services/reconciler/src/run/audit-log.ts';
import { openTools } from '../../services/reconciler/src/run/open-tools.ts';
import { trimLog } from '../../services/reconciler/src/trim/trim-log.ts';
import { waitFor } from '../harness.ts';
import { startLyingServer } from './lying-server.ts';
import { asOwner, openScene, type Scene } from './scene.ts';

/** What a consumer says of the log's end, on a server that lags behind its cluster, must not make anything look lost. */
const SALES = 40;
const OPENING = 2; // the vendor opened and credited
let stack: AsyncDisposableStack;
let scene: Scene;

beforeEach(async () => {
  stack = new AsyncDisposableStack();
  scene = stack.use(await openScene());
  await scene.open(1, '1000000');
  for (let n = 1; n <= SALES; n++) await scene.charge(1, `c-${n}`, '100');
});
afterEach(() => stack.disposeAsync());

const NOTHING_PENDING = /("num_pending":)([1-9][0-9]*)/;
/** $JS.ACK.<stream>.<consumer>.<delivered>.<stream seq>.<consumer seq>.<time>.<pending>, and one digit of it. */
const LAST_OF_ALL = /(\$JS\.ACK\.(?:[^. ]+\.){6})([1-9])(?= )/;

test.each([
  ['there is nothing to read', NOTHING_PENDING],
  ['that was the last message', LAST_OF_ALL],
])('a consumer that says %s, though there is more, is not believed', async (_, truth) => {
  let left = 3;
  const told = (all: string, before: string, number: string) =>
    left-- > 0 ? before + '0'.padEnd(number.length) : all;
  const lying = stack.use(
    await startLyingServer(inject('servers').natsUrl, (sent) =>
      left > 0 ? sent.replace(truth, told) : sent,
    ),
  );
  const { run, findings } = await scene.audit({ environment: { NATS_URL: lying.url } });
  expect(findings).toEqual([]);
  expect(run).toMatchObject({ status: 'verified', commands_checked: SALES + OPENING });
  expect(lying.lies).toBe(3);
});

test('a consumer that goes on lying is no loss either: the audit fails, and alarms nobody', async () => {
  const lying = stack.use(
    await startLyingServer(inject('servers').natsUrl, (sent) =>
      sent.replace(NOTHING_PENDING, (_, before, number) => before + '0'.padEnd(number.length)),
    ),
  );
  await expect(scene.audit({ environment: { NATS_URL: lying.url } })).rejects.toThrow(/broke off/);
  expect((await scene.audit()).run).toMatchObject({ status: 'verified', commands_checked: SALES + OPENING });
});

test('what only one look sees alarms nobody, and stands in the notes with all that it was seen in', async () => {
  const end = SALES + OPENING;
  // The ledger moves the cursors of lanes without commands when it renews their leases.
  await waitFor(async () => {
    const { rows } = await scene.playground.sql('SELECT lane FROM ledger.lanes WHERE cursor_seq < $1', [end]);
    return rows.length === 0;
  });
  // The witness asks whether the stream is there before the first look asks how long it is.
  const told = 2;
  let asked = 0;
  const lying = stack.use(
    await startLyingServer(inject('servers').natsUrl, (sent) =>
      sent.includes('LEDGER_COMMANDS')
        ? sent.replace(/("last_seq":)([0-9]{2,})/, (whole, before, number) =>
            ++asked === told ? before + '7'.padEnd(number.length) : whole,
          )
        : sent,
    ),
  );
  const warnings: string[] = [];
  const { run, findings, checkpoint } = await scene.audit({
    environment: { NATS_URL: lying.url },
    onWarning: (error) => warnings.push(String(error)),
  });
  expect(findings).toEqual([]);
  expect(run).toMatchObject({ status: 'verified', commands_checked: SALES + OPENING });
  expect(checkpoint?.checkpoint_id).toBe(1);
  const evidence = [
    /ends before what the ledger has read \(expected 42, found 7\)/,
    /Snapshot of 20.*Z at [0-9A-F]+\/[0-9A-F]+;/,
  ];
  evidence.push(
    new RegExp(
      `commands 1 to ${end}; log 1 to 7 with 0 holes at the beginning, 1 to ${end} with 0 holes at the end`,
    ),
  );
  evidence.push(
    new RegExp(`lanes .*: ${Array.from({ length: 16 }, (_, lane) => `${lane}: 1/${end}/0`).join(', ')}`),
  );
  expect(run.notes).toEqual([expect.stringMatching(/^a first look found what a second did not: /)]);
  for (const part of evidence) expect(run.notes[0]).toMatch(part);
  expect(warnings).toHaveLength(1);
});

test('a loss is seen by both looks, told once, with all that it was seen in', async () => {
  await scene.audit();
  await scene.send(2, 'lost', { type: 'open-vendor', name: 'Vendor 2' });
  await scene.charge(1, 'after-it', '100');
  const { nc, subjects } = scene.playground;
  const manager = await jetstreamManager(nc);
  await manager.streams.purge(subjects.streams.commands, {
    filter: subjects.command(laneOf(2, 16), 'gateway', 2),
  });
  let again = 0;
  const { run, findings } = await scene.audit({ onAgain: () => again++ });
  expect(run.status).toBe('critical');
  expect(findings).toMatchObject([
    { check: 'no-silent-loss', message: expect.stringMatching(/middle/), found: '1' },
    {
      check: 'exactly-once',
      vendor_id: 2,
      message: expect.stringMatching(/of lost has no command at place 43/),
    },
  ]);
  expect(run.notes).toEqual([
    expect.stringMatching(/^2 between the log and the books, .*with 1 holes at the end/),
  ]);
  expect(again).toBe(1);
});

test('heads that PostgreSQL lost in a crash before they became a checkpoint fail the audit, and the next one holds', async () => {
  const { database } = scene.playground;
  await scene.audit();
  await scene.charge(1, 'sold', '100');
  await asOwner(database.adminUrl, (client) =>
    client.query('UPDATE ledger.vendors SET balance = balance + 100 WHERE vendor_id = 1'),
  );
  const approveFix = async () => {
    // What a restart after a crash does with an unlogged table.
    await asOwner(database.adminUrl, (client) => client.query('TRUNCATE reconciler.staged_heads'));
    return false;
  };
  await expect(scene.audit({ approveFix })).rejects.toThrow(/of 1 staged heads 0 are left/);
  const { findings } = await scene.audit({ approveFix: async () => true });
  expect(findings).toMatchObject([{ check: 'stored-balance', fixed: true }]);
  await scene.charge(1, 'next', '100');
  expect((await scene.audit()).findings).toEqual([]);
});

test('a log that is trimmed while it is being audited makes that audit fail, not alarm', async () => {
  await scene.audit();
  await using tools = await openTools(parseConfig(scene.playground.environment('reconciler')));
  await using snapshot = await openFreshSnapshot(tools, 1);
  const findings: unknown[] = [];
  const add = (found: unknown) => findings.push(found);
  const log = await LogAudit.open(tools, snapshot.readers, { laneCount: 16, full: true, add });
  expect((await trimLog({ ...tools, retentionMs: 0, step: 10 })).purged).toBeGreaterThan(0);
  await log.compareCommands(undefined);
  await auditVendors(snapshot, {
    full: true,
    checkpointId: 0,
    vendorId: null,
    timeZone: tools.timeZone,
    minorLimit: tools.minorLimit,
    logPartOf: (vendor) => log.scope.partOf(vendor),
    onPage: async (results) => {
      for (const result of results) await log.compareOutcomes(result);
    },
  });
  expect(findings.length).toBeGreaterThan(0);
  await expect(log.confirm()).rejects.toThrow(/trimmed while it was being audited/);
});
