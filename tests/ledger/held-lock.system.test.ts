import type { VendorId } from '@b2b-charge/contracts';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { charge, command, credit, open, TEHRAN } from '../../services/ledger/simulator/given.ts';
import type { Command } from '../../services/ledger/src/domain/command.ts';
import { type CommittedBatch, commitBatch } from '../../services/ledger/src/process/commit-batch.ts';
import type { LaneTitle } from '../../services/ledger/src/process/ports.ts';
import { StoreUnavailableError } from '../../services/ledger/src/store/errors.ts';
import type { PgStore } from '../../services/ledger/src/store/pg-store.ts';
import { createLedgerDatabase, type LedgerDatabase } from './ledger-database.ts';

const vendorId = 31 as VendorId;
const stack = new AsyncDisposableStack();
let database: LedgerDatabase;
let store: PgStore;
let title: LaneTitle;
let seq = 0;

const batchOf = (...requests: Command['request'][]): Command[] =>
  requests.map((request) => command({ request, vendorId, key: `k-${++seq}`, streamSeq: seq }));

async function commit(batch: readonly Command[]): Promise<CommittedBatch[]> {
  const parts: CommittedBatch[] = [];
  await commitBatch(batch, {
    store,
    timeZone: TEHRAN,
    movesOf: () => [{ ...title, cursor: { seq, messageId: null, timeMs: null } }],
    committed: (part) => parts.push(part),
    failed: () => {},
    pause: async () => {},
  });
  return parts;
}

beforeAll(async () => {
  database = stack.use(await createLedgerDatabase());
  store = await database.store('a', '', 400);
  [title] = (await store.claim(1, [])) as [LaneTitle];
  await commit(batchOf(open(), credit('10.00')));
});
afterAll(() => stack.disposeAsync());

it('a lock that somebody holds makes nobody’s command a dead letter: the batch waits, and is executed', async () => {
  await database.admin.query('BEGIN');
  await database.admin.query('SELECT FROM ledger.vendors WHERE vendor_id = $1 FOR UPDATE', [vendorId]);
  const batch = batchOf(charge('1.00'), charge('2.00'));
  await expect(commit(batch)).rejects.toThrow(StoreUnavailableError);
  await database.admin.query('COMMIT');
  // As the process does: it begins again from what the database says.
  await store.connect();
  [title] = (await store.claim(1, [])) as [LaneTitle];
  const parts = await commit(batch);
  expect(parts.flatMap(({ decisions }) => decisions.map(({ kind }) => kind))).toEqual([
    'recorded',
    'recorded',
  ]);
  const { rows } = await database.admin.query('SELECT FROM ledger.dead_letters');
  expect(rows).toEqual([]);
});

it('a database too slow for a single command makes it no dead letter either: what is quick enough goes through', async () => {
  await database.admin.query(`CREATE FUNCTION public.slow() RETURNS trigger LANGUAGE plpgsql AS
    'BEGIN IF NEW.amount = 300 THEN PERFORM pg_catalog.pg_sleep(1); END IF; RETURN NEW; END'`);
  await database.admin.query(
    'CREATE TRIGGER slow BEFORE INSERT ON ledger.transactions FOR EACH ROW EXECUTE FUNCTION public.slow()',
  );
  const batch = batchOf(charge('1.00'), charge('2.00'), charge('3.00'));
  await expect(commit(batch)).rejects.toThrow(StoreUnavailableError);
  await database.admin.query('DROP TRIGGER slow ON ledger.transactions');
  await store.connect();
  [title] = (await store.claim(1, [])) as [LaneTitle];
  const [, , slow] = batch;
  const parts = await commit(batch);
  expect(parts.flatMap(({ transactions }) => transactions.map(({ messageId }) => messageId))).toContain(
    slow!.messageId,
  );
  const { rows } = await database.admin.query('SELECT FROM ledger.dead_letters');
  expect(rows).toEqual([]);
});
