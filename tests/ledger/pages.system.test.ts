import type { VendorId } from '@b2b-charge/contracts';
import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { charge, command, NOON, open, TEHRAN } from '../../services/ledger/simulator/given.ts';
import { decideBatch } from '../../services/ledger/src/domain/decide-batch.ts';
import { writesOf } from '../../services/ledger/src/process/commit-batch.ts';
import type { LaneTitle } from '../../services/ledger/src/process/ports.ts';
import { listTransactions } from '../../services/ledger/src/queries/list-transactions.ts';
import { createLedgerDatabase } from './ledger-database.ts';

const SECOND = 1_000;
const HOUR = 3_600 * SECOND;
const DAY = 24 * HOUR;
/** How long before now each group of transactions was written: some together, some alone, one long ago. */
const AGES = [
  900 * DAY,
  200 * DAY,
  20 * DAY,
  19 * DAY,
  30 * HOUR,
  3 * HOUR,
  20 * 60 * SECOND,
  50 * SECOND,
  SECOND,
];

const stack = new AsyncDisposableStack();
let reader: pg.Pool;
let all: { id: string; vendor_id: number; created_at: Date }[];

beforeAll(async () => {
  const database = stack.use(await createLedgerDatabase());
  reader = database.pool();
  const store = await database.store('a');
  const [title] = (await store.claim(1, [])) as [LaneTitle];
  let streamSeq = 0;
  for (const [index, age] of AGES.entries()) {
    await database.setClock(NOON - age);
    const vendors = [1, 2, 3].map((id) => id as VendorId);
    const batch = vendors.flatMap((vendorId) =>
      [open(), charge('1.00'), charge('2.00')].map((request, place) =>
        command({ request, vendorId, key: `${index}-${place}`, streamSeq: ++streamSeq }),
      ),
    );
    const begun = await store.openBatch(
      [{ ...title, cursor: { seq: streamSeq, messageId: null, timeMs: null } }],
      batch,
    );
    await begun.commit(writesOf(batch, decideBatch(batch, begun.knowledge, TEHRAN)));
  }
  await database.setClock(NOON);
  all = (
    await reader.query(
      'SELECT id, vendor_id, created_at FROM ledger.transactions ORDER BY created_at DESC, id DESC',
    )
  ).rows;
});
afterAll(() => stack.disposeAsync());

type Asked = Omit<Parameters<typeof listTransactions>[1], 'limit' | 'summary' | 'cursor'>;

/** All pages, one after the other. */
async function turn(limit: number, asked: Asked): Promise<string[]> {
  const ids: string[] = [];
  for (let cursor: string | null = null; ; ) {
    const page = await listTransactions(reader, { ...asked, limit, summary: false, cursor }, 'IRT');
    ids.push(...page.transactions.map(({ transaction_id }) => transaction_id));
    cursor = page.next_cursor;
    if (!cursor) return ids;
  }
}

describe('the pages of the transactions', () => {
  it.each([1, 2, 7, 9, 50, 1_000])(
    'of all vendors, %i to a page, are every transaction once, newest first',
    async (limit) => {
      expect(await turn(limit, {})).toEqual(all.map(({ id }) => id));
    },
  );

  it('of all vendors in a span of time are those of the span', async () => {
    const from = new Date(NOON - 25 * DAY);
    const to = new Date(NOON - HOUR);
    const within = all.filter(({ created_at }) => created_at >= from && created_at < to);
    expect(within).toHaveLength(36);
    const asked = { from: from.toISOString(), to: to.toISOString() };
    expect(await turn(5, asked)).toEqual(within.map(({ id }) => id));
  });

  it('of one vendor are its chain, newest first', async () => {
    const own = all.filter(({ vendor_id }) => vendor_id === 2).map(({ id }) => id);
    expect(await turn(4, { vendor_id: 2 })).toEqual(own);
  });

  it('of a command that is rare are found, however long ago', async () => {
    const opened = await turn(2, { type: 'open-vendor', status: 'posted' });
    expect(opened).toEqual(
      all
        .slice(-9)
        .map(({ id }) => id)
        .filter((id) => opened.includes(id)),
    );
    expect(opened).toHaveLength(3);
  });
});
