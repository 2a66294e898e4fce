import { laneOf, type VendorId } from '@b2b-charge/contracts';
import type pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { charge, command, credit, NOON, open, TEHRAN } from '../../services/ledger/simulator/given.ts';
import type { Command } from '../../services/ledger/src/domain/command.ts';
import { decideBatch } from '../../services/ledger/src/domain/decide-batch.ts';
import { writesOf } from '../../services/ledger/src/process/commit-batch.ts';
import type { LaneTitle } from '../../services/ledger/src/process/ports.ts';
import { getOutcome } from '../../services/ledger/src/queries/get-outcome.ts';
import { COMPARED } from '../../services/ledger/src/recovery/lane-marks.ts';
import type { PgStore } from '../../services/ledger/src/store/pg-store.ts';
import { createLedgerDatabase, type LedgerDatabase } from './ledger-database.ts';

const LANES = 4;
const vendorId = 41 as VendorId;
const DEADLINE = NOON + 1_000;

const stack = new AsyncDisposableStack();
let database: LedgerDatabase;
let reader: pg.Pool;
let store: PgStore;
let title: LaneTitle;
let seq = 0;

beforeAll(async () => {
  database = stack.use(await createLedgerDatabase({ lanes: LANES }));
  reader = database.pool();
  store = await database.store('a');
  const titles = await store.claim(LANES, []);
  title = titles.find(({ lane }) => lane === laneOf(vendorId, LANES))!;
  const opening = await begin([open(), credit('10.00')].map((request) => sent({ request })));
  await opening();
});
afterAll(() => stack.disposeAsync());
beforeEach(async () => {
  await database.setClock(NOON);
  await compared();
});

/** As the lane's owner does when it has compared the lane with what was announced. */
const compared = () =>
  database.admin.query(`UPDATE ledger.lanes SET compared_epoch = ${COMPARED}, lease_until = 'infinity'`);

const sent = (more: Partial<Parameters<typeof command>[0]> & Pick<Command, 'request'>): Command => ({
  ...command({ vendorId, key: `k-${++seq}`, streamSeq: seq, ...more }),
  lane: title.lane,
});

/** Decides a batch and returns what commits it: meanwhile it is in hand, as it is in a process that is slow. */
async function begin(batch: readonly Command[]): Promise<() => Promise<void>> {
  const moves = [{ ...title, cursor: { seq, messageId: null, timeMs: null } }];
  const begun = await store.openBatch(moves, batch);
  const writes = writesOf(batch, decideBatch(batch, begun.knowledge, TEHRAN));
  return () => begun.commit(writes);
}

const ask = (messageId: string) =>
  getOutcome(
    reader,
    { lanes: LANES, currency: 'IRT' },
    { vendorId, messageId, expiresAt: new Date(DEADLINE).toISOString() },
  );

/** Resolves when somebody waits for a lock. */
const waiting = () =>
  vi.waitFor(async () => {
    const { rows } = await database.admin.query(
      "SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'",
    );
    expect(rows).toHaveLength(1);
  });

describe('whoever asks for an outcome that is not there', () => {
  it('is told "not yet" before the deadline, and does not wait', async () => {
    const commit = await begin([sent({ request: charge('1.00'), key: 'early', deadline: DEADLINE })]);
    expect(await ask('early')).toEqual({ outcome: null, never_executed: false });
    await commit();
  });

  it('waits, after the deadline, for a batch that was decided before it, and is told its outcome', async () => {
    const commit = await begin([sent({ request: charge('1.00'), key: 'slow', deadline: DEADLINE })]);
    await database.setClock(DEADLINE);
    const asked = ask('slow');
    await waiting();
    await commit();
    expect(await asked).toMatchObject({ outcome: { outcome: 'posted' }, never_executed: false });
  });

  it('is told "never" when that batch comes to nothing, and it is never executed', async () => {
    const late = sent({ request: charge('1.00'), key: 'lost', deadline: DEADLINE });
    await begin([late]);
    await database.setClock(DEADLINE);
    const asked = ask('lost');
    await waiting();
    await store.rollback();
    expect(await asked).toEqual({ outcome: null, never_executed: true });
    await (await begin([late]))();
    expect(await ask('lost')).toEqual({ outcome: null, never_executed: true });
    const { rows } = await reader.query('SELECT message_id FROM ledger.expirations');
    expect(rows).toEqual([{ message_id: 'lost' }]);
  });

  it('is told "never" at once when nothing is in hand', async () => {
    await database.setClock(DEADLINE);
    expect(await ask('unheard of')).toEqual({ outcome: null, never_executed: true });
  });

  it.each([
    ['the lane has no owner', "lease_until = '-infinity'"],
    ['its owner has not compared it with what was announced', 'compared_epoch = compared_epoch - 1'],
    ['it was compared in the primary, and this is a replica promoted since', 'compared_epoch = epoch'],
    ['a tail that the database lost is not decided again', 'replay_until = cursor_seq + 1'],
  ])('is told "not yet" as long as %s', async (_, state) => {
    await database.setClock(DEADLINE);
    await database.admin.query(`UPDATE ledger.lanes SET ${state}`);
    expect(await ask('unheard of')).toEqual({ outcome: null, never_executed: false });
    await database.admin.query('UPDATE ledger.lanes SET replay_until = 0');
    await compared();
    expect(await ask('unheard of')).toEqual({ outcome: null, never_executed: true });
  });
});
