import { LedgerClient } from '@b2b-charge/client';
import {
  contentType,
  createSubjects,
  HEADERS,
  laneOf,
  type MessageId,
  type VendorId,
} from '@b2b-charge/contracts';
import { onServer, withDatabase } from '@b2b-charge/stack';
import { headers } from '@nats-io/transport-node';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { waitFor } from '../harness.ts';
import { booksOf, LANES, PHONE, type Scene, startScene, VENDORS } from './scene.ts';

/** The database is put back to a copy of an earlier state, and the log and the events are not. */

const DEADLINE_MS = 400;
let scene: Scene;

beforeAll(async () => {
  scene = await startScene();
}, 60_000);
afterAll(() => scene[Symbol.asyncDispose]());

test('what it lost is decided again exactly as it was told, though every deadline has passed', async () => {
  const restore = await copyDatabase();
  await scene.send(VENDORS[1]!, 'limit', { type: 'update-vendor', daily_limit: '3.00' });
  // Seven to one vendor: one is above the limit even if midnight is among them.
  await sellWithDeadline('lost', [...VENDORS, ...Array<number>(6).fill(VENDORS[1]!)]);
  const deadlineAt = Date.now() + DEADLINE_MS;
  await expire('too-late');
  const before = await rows();
  expect(before.filter(({ reason }) => reason === 'DAILY_LIMIT_EXCEEDED')).not.toEqual([]);
  await announced();
  // Every command's deadline is over when it is read again.
  await waitFor(() => Date.now() > deadlineAt);
  await restore();
  expect((await rows()).length).toBeLessThan(before.length);
  await startLedgers();
  await waitFor(async () => (await rows()).length === before.length);
  expect(await rows()).toEqual(before);
  expect(await scene.db.query('SELECT FROM ledger.expirations')).toMatchObject({ rowCount: 1 });
  // A repeat gets its first outcome, and new sales go on behind it.
  const [vendorId] = VENDORS as [number];
  const repeat = await scene.charge(vendorId, { key: 'lost-0' });
  expect(repeat).toMatchObject({ outcome: 'posted', replayed: true });
  expect(before).toContainEqual(
    expect.objectContaining({
      id: (repeat as { transaction: { transaction_id: string } }).transaction.transaction_id,
    }),
  );
  expect(await scene.charge(vendorId)).toMatchObject({ outcome: 'posted', replayed: false });
  expect(await booksOf(scene.db)).toMatchObject({ breaks: 0, doubled: 0 });
}, 60_000);

test('a database lost with all of its books is filled again from the log and the events', async () => {
  const before = await rows();
  await announced();
  await stopLedgers();
  await scene.db.query(
    `ALTER TABLE ledger.transactions DISABLE TRIGGER USER; ALTER TABLE ledger.expirations DISABLE TRIGGER USER;
     TRUNCATE ledger.transactions, ledger.vendors, ledger.expirations, ledger.lanes, ledger.processes;
     ALTER TABLE ledger.transactions ENABLE TRIGGER USER; ALTER TABLE ledger.expirations ENABLE TRIGGER USER`,
  );
  await startLedgers();
  await waitFor(async () => (await rows()).length === before.length);
  expect(await rows()).toEqual(before);
}, 60_000);

async function rows() {
  const { rows } = await scene.db.query<{ reason: string | null; id: string }>(
    'SELECT * FROM ledger.transactions ORDER BY vendor_id, seq',
  );
  return rows;
}

/** Every event is stored: what the table holds is announced. */
const announced = () =>
  waitFor(async () => {
    const { rows } = await scene.db.query<{ open: number }>(
      'SELECT count(*)::int AS open FROM ledger.lanes WHERE published_seq < cursor_seq',
    );
    return rows[0]!.open === 0;
  });

async function sellWithDeadline(name: string, vendors: readonly number[]): Promise<void> {
  const nc = await scene.fleet.connect('gateway');
  const subjects = createSubjects();
  await using client = new LedgerClient({ nc, subjects, source: 'gateway', clientId: name, lanes: LANES });
  for (const [index, vendorId] of vendors.entries())
    await client.send({
      vendorId: vendorId as VendorId,
      messageId: `${name}-${index}` as MessageId,
      command: { type: 'charge', phone_number: PHONE, amount: '1.00' },
      waitMs: DEADLINE_MS,
      deadlineMs: DEADLINE_MS,
    });
  await nc.close();
}

/** A command that comes too late: its sender is told that nothing was done. */
async function expire(key: string): Promise<void> {
  const nc = await scene.fleet.connect('gateway');
  const vendorId = VENDORS[0]!;
  const head = headers();
  head.set(HEADERS.messageId, key);
  head.set(HEADERS.contentType, contentType('charge.v1'));
  head.set(HEADERS.expiresAt, new Date(Date.now() - 1).toISOString());
  const body = JSON.stringify({ phone_number: PHONE, amount: '1.00' });
  nc.publish(createSubjects().command(laneOf(vendorId, LANES), 'gateway', vendorId), body, { headers: head });
  await waitFor(async () => (await scene.db.query('SELECT FROM ledger.expirations')).rowCount === 1);
  await nc.close();
}

const stopLedgers = async () => {
  for (const { process } of scene.fleet.of('ledger')) await process.stop();
};
const startLedgers = async () => {
  for (const { process } of scene.fleet.of('ledger')) await process.restart();
};

/** Returns what puts the copy in the place of the database, while the ledgers are killed. */
async function copyDatabase(): Promise<() => Promise<void>> {
  const { fleet, db } = scene;
  const name = new URL(fleet.databaseUrl).pathname.slice(1);
  const server = withDatabase(fleet.databaseUrl, 'postgres');
  await stopLedgers();
  const disconnect = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '${name}'`;
  await onServer(server, disconnect);
  await onServer(server, `CREATE DATABASE earlier TEMPLATE ${name}`);
  await startLedgers();
  await scene.shared(fleet.of('ledger'));
  return async () => {
    for (const { process: ledger } of fleet.of('ledger')) process.kill(ledger.pid!, 'SIGKILL');
    await onServer(server, `DROP DATABASE ${name} WITH (FORCE)`);
    await onServer(server, `ALTER DATABASE earlier RENAME TO ${name}`);
    await waitFor(async () => (await db.query('SELECT 1')).rowCount === 1);
  };
}
