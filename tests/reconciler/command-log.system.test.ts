import { ensureStreams } from '@b2b-charge/runtime';
import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { headers } from '@nats-io/transport-node';
import { Redis } from 'ioredis';
import pg from 'pg';
import { afterEach, beforeEach, expect, inject, test } from 'vitest';
import { endOfLog } from '../../services/ledger/src/lanes/end-of-log.ts';
import { readLedgerState } from '../../services/ledger/src/lanes/read-lanes.ts';
import { planPartition, repartition } from '../../services/ledger/src/lanes/repartition.ts';
import { parseConfig } from '../../services/reconciler/src/config.ts';
import { openTools } from '../../services/reconciler/src/run/open-tools.ts';
import { trimLog } from '../../services/reconciler/src/trim/trim-log.ts';
import { waitFor } from '../harness.ts';
import { rawHeaders } from '../raw-headers.ts';
import { asOwner, openScene, type Scene } from './scene.ts';

let stack: AsyncDisposableStack;
let scene: Scene;

beforeEach(async () => {
  stack = new AsyncDisposableStack();
  scene = stack.use(await openScene());
  await scene.open(1, '1000000');
  await scene.open(2, '1000000');
  for (let n = 1; n <= 5; n++) for (const vendor of [1, 2]) await scene.charge(vendor, `c-${n}`, '100');
});
afterEach(() => stack.disposeAsync());

const stream = () => scene.playground.subjects.streams.commands;
const sql = (text: string) => scene.playground.sql(text);
const manager = () => jetstreamManager(scene.playground.nc);
const trim = async (retentionMs: number) => {
  await using tools = await openTools(parseConfig(scene.playground.environment('reconciler')));
  return await trimLog({ ...tools, retentionMs, step: 3 });
};

test('commands removed from the middle of the log are missed, by number and by outcome', async () => {
  expect((await scene.audit()).run.status).toBe('verified');
  const { subjects } = scene.playground;
  const jsm = await manager();
  await jsm.streams.purge(stream(), { filter: subjects.command(laneOfVendor(1), 'gateway', 1) });
  const { findings, run } = await scene.audit({ mode: 'full' });
  expect(run.status).toBe('critical');
  expect(findings).toContainEqual(
    expect.objectContaining({
      check: 'no-silent-loss',
      vendor_id: null,
      message: expect.stringMatching(/middle/),
    }),
  );
  const missing = findings.filter(({ check, vendor_id }) => check === 'exactly-once' && vendor_id === 1);
  expect(missing).toHaveLength(5); // five sales; the very first command now counts as trimmed
  expect(findings.filter(({ vendor_id }) => vendor_id === 2)).toEqual([]);
});

test.each([
  ['headers that are none', 'garbage\r\n\r\n'],
  ['a header name that is none', 'NATS/1.0\r\nbad name : x\r\n\r\n'],
  ['a status for headers', 'NATS/1.0 503\r\n\r\n'],
])('a message with %s is buried, and the audit reads past it', async (_, text) => {
  const { nc, subjects } = scene.playground;
  const subject = subjects.command(laneOfVendor(1), 'gateway', 1);
  await jetstream(nc).publish(subject, '\0{', { headers: rawHeaders(text) });
  await scene.charge(1, 'behind-it', '100');
  const { run, findings } = await scene.audit({ mode: 'full' });
  expect(findings).toEqual([]);
  // Ten sales, two vendors opened and credited, the garbage, and what stands behind it: all of them were read.
  expect(run).toMatchObject({ status: 'verified', commands_checked: 16 });
});

test('expired and dead commands are not missed, not even one that stood on no lane; one that was not buried is', async () => {
  const { nc, subjects } = scene.playground;
  const late = headers();
  late.set('Message-Id', 'late');
  late.set('Expires-At', '1970-01-01T00:00:00Z');
  late.set('Content-Type', 'application/json; schema=rebuild.v1');
  const lane = laneOfVendor(1);
  await jetstream(nc).publish(subjects.command(lane, 'gateway', 1), '{}', { headers: late });
  await scene.charge(1, 'behind-it', '100');
  expect(await scene.send(9, 'nobody', { type: 'rebuild' })).toMatchObject({ outcome: 'dead-letter' });
  const head = headers();
  head.set('Message-Id', 'lost');
  const { allCommands } = subjects;
  await jetstream(nc).publish(subjects.command(99, 'gateway', 1), '{}', { headers: head });
  await jetstream(nc).publish(allCommands.replace('>', 'none.at.all'), '{}', { headers: head });
  await jetstream(nc).publish(allCommands.replace('>', `${lane}.UPPER.1`), '{}', { headers: head });
  await scene.charge(1, 'after', '100');
  const letters = async () =>
    (await sql("SELECT FROM ledger.dead_letters WHERE message_id = 'lost'")).rowCount;
  await waitFor(async () => (await letters()) === 3);
  expect((await scene.audit({ dryRun: true })).findings).toEqual([]);
  await sql("DELETE FROM ledger.dead_letters WHERE message_id = 'lost'");
  expect((await scene.audit()).findings.map(({ check, message }) => [check, message])).toEqual(
    Array.from({ length: 3 }, () => ['no-silent-loss', expect.stringMatching(/lost.* has no outcome/)]),
  );
});

test('another number of lanes is no reason for alarm: the first audit after it compares all anew', async () => {
  await scene.audit();
  for (let vendor = 3; vendor <= 20; vendor++)
    await scene.send(vendor, 'open', { type: 'open-vendor', name: 'x' });
  await scene.closeShop();
  const { nc, subjects, database } = scene.playground;
  const pool = new pg.Pool({ connectionString: database.adminUrl });
  try {
    const state = await readLedgerState(pool);
    const end = await endOfLog(nc, subjects);
    const plan = planPartition(state, { to: 5, end, unpublished: null });
    await repartition(pool, plan, state, async () => end.seq);
  } finally {
    await pool.end();
  }
  const opening = 2 * 2 + 2 * 5 + 18;
  expect(await scene.audit()).toMatchObject({
    findings: [],
    run: {
      mode: 'full',
      commands_checked: opening,
      notes: [expect.stringMatching(/another number of lanes/)],
    },
  });
  expect(await scene.audit()).toMatchObject({
    findings: [],
    run: { mode: 'incremental', commands_checked: 0, notes: [] },
  });
});

test('only what was audited and is old enough leaves the log', async () => {
  expect(await trim(0)).toEqual({ purged: 0, reason: 'nothing has been audited yet' });
  await scene.audit();
  expect(await trim(3_600_000)).toEqual({ purged: 0, reason: 'nothing audited is old enough' });
  await scene.charge(1, 'not-audited', '100');
  const jsm = await manager();
  const before = (await jsm.streams.info(stream())).state;
  expect((await trim(0)).purged).toBe(before.messages - 1);
  const { state } = await jsm.streams.info(stream());
  expect([state.first_seq, state.last_seq]).toEqual([before.last_seq, before.last_seq]);
  // What is gone is out of the comparison, what is there is still compared.
  const clean = await scene.audit({ mode: 'full' });
  expect([clean.run.status, clean.run.commands_checked]).toEqual(['verified', 1]);
});

test('the log stays as long as anything is open', async () => {
  const { adminUrl } = scene.playground.database;
  await scene.audit();
  await asOwner(adminUrl, (client) =>
    client.query('UPDATE ledger.vendors SET balance = balance + 100 WHERE vendor_id = 1'),
  );
  await scene.audit();
  expect(await trim(0)).toEqual({
    purged: 0,
    reason: 'the last audit ended minor: the log stays until that is settled',
  });
  await scene.audit({ approveFix: async () => true });
  expect((await trim(0)).purged).toBeGreaterThan(0);
});

test('a log trimmed by someone else is noticed', async () => {
  await scene.audit();
  await scene.charge(1, 'one-more', '100');
  const jsm = await manager();
  const { state } = await jsm.streams.info(stream());
  await jsm.streams.purge(stream(), { seq: state.last_seq + 1 });
  const { findings } = await scene.audit();
  expect(findings).toContainEqual(
    expect.objectContaining({ check: 'no-silent-loss', message: expect.stringMatching(/trimmed beyond/) }),
  );
});

test('audited commands removed by someone else are told once', async () => {
  await scene.audit();
  const jsm = await manager();
  await jsm.streams.purge(stream(), { seq: 4 });
  expect((await scene.audit()).findings).toMatchObject([
    { check: 'no-silent-loss', level: 'MINOR_DISCREPANCY', expected: 'from 1', found: 'from 4' },
  ]);
  expect((await scene.audit()).findings).toEqual([]);
});

test('the loss of the whole log is found until it is accepted, and the books go on', async () => {
  await scene.audit();
  await (await manager()).streams.delete(stream());
  await ensureStreams(scene.playground.nc, scene.playground.subjects, {
    replicas: 1,
    commandsMaxBytes: 64 * 1024 ** 2,
    eventsMaxBytes: 64 * 1024 ** 2,
  });
  const epochs = () =>
    asOwner(scene.playground.database.adminUrl, async (client) => {
      const { rows } = await client.query('SELECT DISTINCT stream_epoch FROM ledger.lanes');
      return rows.map((row) => row.stream_epoch);
    });
  await waitFor(async () => (await epochs()).join() === '2');
  await scene.charge(1, 'after-the-loss', '100');
  await scene.charge(2, 'after-the-loss', '100');
  for (const mode of ['incremental', 'full'] as const) {
    const { run, findings, checkpoint } = await scene.audit({ mode });
    expect(findings).toMatchObject([
      { check: 'witness', level: 'CRITICAL', message: expect.stringMatching(/LEDGER_COMMANDS was deleted/) },
    ]);
    expect([run.status, run.commands_checked, checkpoint]).toEqual(['critical', 2, null]);
  }
  await scene.audit({ mode: 'full', restartCheckpoints: true });
  expect((await scene.audit({ mode: 'full' })).run).toMatchObject({
    status: 'verified',
    commands_checked: 2,
  });
});

test('a copy in Redis off by one Toman is minor, and a rebuild writes it anew', async () => {
  await using redis = new AsyncDisposableStack();
  const client = redis.adopt(new Redis(inject('servers').redisUrl), async (one) => one.disconnect());
  const key = `${scene.playground.namespace}:balance:1`;
  await waitFor(async () => (await client.hget(key, 'seq')) === (await lastSeqOf(1)));
  await client.hincrby(key, 'balance', 100);
  const { run, findings } = await scene.audit({ approveFix: async () => true });
  expect(findings).toMatchObject([{ check: 'redis-copies', level: 'MINOR_DISCREPANCY', fixed: true }]);
  expect(run).toMatchObject({ status: 'verified', minor_fixed: 1 });
  expect((await scene.audit()).findings).toEqual([]);
});

test('a copy in Redis that lags is noted, not found', async () => {
  await using redis = new AsyncDisposableStack();
  const client = redis.adopt(new Redis(inject('servers').redisUrl), async (one) => one.disconnect());
  const key = `${scene.playground.namespace}:balance:1`;
  await waitFor(async () => (await client.hget(key, 'seq')) === (await lastSeqOf(1)));
  // As if Redis had been away when the vendor last sold, an hour ago.
  await client.hset(key, { seq: 2, balance: 100_000_000 });
  await asOwner(scene.playground.database.adminUrl, async (owner) => {
    await owner.query('ALTER TABLE ledger.transactions DISABLE TRIGGER USER');
    await owner.query("UPDATE ledger.transactions SET created_at = created_at - interval '1 hour'");
  });
  const { run, findings } = await scene.audit({ vendorId: 1 });
  expect(findings.filter(({ check }) => check === 'redis-copies')).toEqual([]);
  expect(run.notes).toEqual(['1 balance copies in Redis lag behind the books']);
});

const lastSeqOf = (vendorId: number): Promise<string> =>
  asOwner(scene.playground.database.adminUrl, async (client) => {
    const { rows } = await client.query('SELECT seq FROM ledger.vendors WHERE vendor_id = $1', [vendorId]);
    return rows[0].seq;
  });

const laneOfVendor = (vendorId: number) => {
  let hash = 0x811c9dc5;
  for (const sign of String(vendorId)) hash = Math.imul(hash ^ sign.charCodeAt(0), 0x01000193);
  return (hash >>> 0) % 16;
};
