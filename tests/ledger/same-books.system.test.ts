import type { CommandRequest, VendorId } from '@b2b-charge/contracts';
import fc from 'fast-check';
import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  charge,
  command,
  credit,
  MIDNIGHT,
  open,
  PaperLedger,
  reverse,
  TEHRAN,
} from '../../services/ledger/simulator/given.ts';
import { Author, commandOf, type Move, moves } from '../../services/ledger/simulator/history.ts';
import type { Command } from '../../services/ledger/src/domain/command.ts';
import type { Decision } from '../../services/ledger/src/domain/decide.ts';
import type { Transaction } from '../../services/ledger/src/domain/transaction.ts';
import { commitBatch } from '../../services/ledger/src/process/commit-batch.ts';
import type { LaneTitle } from '../../services/ledger/src/process/ports.ts';
import type { PgStore } from '../../services/ledger/src/store/pg-store.ts';
import { TRANSACTION_COLUMNS, toTransaction } from '../../services/ledger/src/store/rows.ts';
import { createLedgerDatabase, type LedgerDatabase } from './ledger-database.ts';

const RUNS = Number(process.env.PG_RUNS ?? 12);
const LENGTH = 160;

const stack = new AsyncDisposableStack();
let database: LedgerDatabase;
let reader: pg.Pool;
let store: PgStore;
let title: LaneTitle;
/** Each history has vendors of its own: nothing is ever taken out of the tables. */
let firstVendor = 1;
let streamSeq = 0;

beforeAll(async () => {
  database = stack.use(await createLedgerDatabase());
  reader = database.pool();
  store = await database.store('a');
  [title] = (await store.claim(1, [])) as [LaneTitle];
});
afterAll(() => stack.disposeAsync());

/** Commits a batch to the database, as a ledger process does. */
async function commit(batch: readonly Command[]): Promise<readonly Decision[]> {
  const decisions: Decision[] = [];
  await commitBatch(batch, {
    store,
    timeZone: TEHRAN,
    movesOf: (entries) => [
      { ...title, cursor: { seq: entries.at(-1)!.streamSeq, messageId: null, timeMs: null } },
    ],
    committed: (committed) => decisions.push(...committed.decisions),
    failed: (error) => {
      throw error;
    },
    pause: async () => {},
  });
  return decisions;
}

/** A history through the tables in memory and through the database's, in the same batches. */
async function run(history: readonly Move[], vendor: number): Promise<PaperLedger> {
  const author = new Author(vendor);
  const paper = new PaperLedger();
  let batch: Command[] = [];
  let at = author.now;
  const flush = async () => {
    if (batch.length === 0) return;
    paper.now = at;
    await database.setClock(at);
    const expected = paper.batch(...batch);
    expect(await commit(batch)).toEqual(expected);
    for (const decision of expected) {
      if (decision.kind !== 'recorded') continue;
      const { vendorId, id, type, status } = decision.transaction;
      author.recorded(vendorId, id, type === 'charge' && status === 'posted');
    }
    batch = [];
  };
  for (const move of history) {
    if (move.wait !== 0 || move.cut) await flush();
    // What a process remembers of vendors is forgotten now and then, so that both ways to know them are taken.
    if (move.wait !== 0) await store.rollback();
    batch.push(commandOf(author.next(move), ++streamSeq));
    at = author.now;
  }
  await flush();
  return paper;
}

async function stored(vendor: number) {
  const { rows } = await reader.query(
    `SELECT ${TRANSACTION_COLUMNS} FROM ledger.transactions t WHERE vendor_id BETWEEN $1 AND $1 + 2 ORDER BY vendor_id, seq`,
    [vendor],
  );
  const { rows: vendors } = await reader.query(
    `SELECT vendor_id AS "vendorId", name, status, livemode, balance, held, daily_limit AS "dailyLimit", business_day::text AS "businessDay",
       charged_today AS "chargedToday", seq, encode(head_hash, 'hex') AS "headHash",
       extract(epoch FROM opened_at) * 1000 AS "openedAtMs", extract(epoch FROM updated_at) * 1000 AS "updatedAtMs"
     FROM ledger.vendors WHERE vendor_id BETWEEN $1 AND $1 + 2 ORDER BY vendor_id`,
    [vendor],
  );
  return { transactions: rows.map(toTransaction), vendors };
}

const byVendor = <T extends { vendorId: number }>(rows: Iterable<T>): T[] =>
  [...rows].sort((a, b) => a.vendorId - b.vendorId);

describe('a history', () => {
  it('is decided and stored by PostgreSQL as it is in memory', { timeout: 120_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(moves(LENGTH), async (history) => {
        firstVendor += 10;
        const vendor = firstVendor;
        const { books } = await run(history, vendor);
        const { transactions, vendors } = await stored(vendor);
        const chains = byVendor([...books.chains].map(([vendorId, chain]) => ({ vendorId, chain })));
        expect(transactions).toEqual(chains.flatMap(({ chain }) => chain));
        expect(vendors.map(asText)).toEqual(byVendor(books.vendors.values()).map(asText));
      }),
      { numRuns: RUNS },
    );
  });

  it('of reversals over midnight is recalculated by PostgreSQL as it is in memory', async () => {
    firstVendor += 10;
    const vendorId = firstVendor as VendorId;
    const paper = new PaperLedger(MIDNIGHT - 60_000);
    const send = async (request: CommandRequest): Promise<Transaction> => {
      await database.setClock(paper.now);
      await store.rollback();
      const sent = command({ request, vendorId, streamSeq: ++streamSeq });
      const expected = paper.batch(sent);
      expect(await commit([sent])).toEqual(expected);
      return paper.books.chains.get(vendorId)!.at(-1)!;
    };
    await send(open());
    await send(credit('1000.00'));
    const early = await send(charge('100.00'));
    await send(reverse((await send(charge('50.00'))).id));
    paper.now += 60_000;
    await send(reverse(early.id));
    await send(charge('7.00'));
    const sums = JSON.parse((await send({ type: 'rebuild' })).details!);
    expect(sums).toMatchObject({ calculated_balance: '993.00', calculated_charged_today: '7.00' });
    paper.now += 86_400_000;
    const next = JSON.parse((await send({ type: 'rebuild' })).details!);
    expect(next).toMatchObject({ calculated_balance: '993.00', calculated_charged_today: '0.00' });
  });

  it('leaves chains in which the database, by its own arithmetic, finds nothing broken', async () => {
    const { rows } = await reader.query(
      'SELECT count(*) FROM ledger.transactions UNION ALL SELECT count(*) FROM ledger.chain_breaks',
    );
    expect(Number(rows[0].count)).toBeGreaterThan(100);
    expect(rows[1].count).toBe('0');
  });

  it('leaves books whose two sides are equal, and whose vendor accounts are the vendors’ balances', async () => {
    const { rows } = await reader.query(
      'SELECT sum(debits) AS debits, sum(credits) AS credits, sum(balance) AS sum FROM ledger.trial_balance',
    );
    expect(rows[0].sum).toBe('0');
    expect(rows[0].debits).toBe(rows[0].credits);
    const { rows: wrong } = await reader.query(
      `SELECT v.vendor_id FROM ledger.vendors v
       LEFT JOIN ledger.trial_balance b ON b.account = 'vendor:' || v.vendor_id
       WHERE v.balance <> coalesce(b.balance, 0)`,
    );
    expect(wrong).toEqual([]);
  });
});

const asText = (row: object): string[] =>
  Object.entries(row)
    .map(
      ([key, value]) =>
        `${key}: ${typeof value === 'string' && /^\d+\.0+$/.test(value) ? Number(value) : value}`,
    )
    .sort();
