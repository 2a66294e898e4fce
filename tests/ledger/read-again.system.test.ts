import type { VendorId } from '@b2b-charge/contracts';
import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { charge, command, credit, open, PaperLedger, TEHRAN } from '../../services/ledger/simulator/given.ts';
import type { Command } from '../../services/ledger/src/domain/command.ts';
import type { Decision } from '../../services/ledger/src/domain/decide.ts';
import { decideBatch } from '../../services/ledger/src/domain/decide-batch.ts';
import { writesOf } from '../../services/ledger/src/process/commit-batch.ts';
import type { LaneTitle } from '../../services/ledger/src/process/ports.ts';
import type { PgStore } from '../../services/ledger/src/store/pg-store.ts';
import { createLedgerDatabase } from './ledger-database.ts';

const vendorId = 21 as VendorId;
const early = command({ request: charge('1.00'), vendorId, key: 'early', streamSeq: 1 });
const opening = [open(), credit('5.00')].map((request, index) =>
  command({ request, vendorId, key: request.type, streamSeq: 2 + index }),
);
const again = (entry: Command): Command => ({ ...entry, streamEpoch: 2 });

const stack = new AsyncDisposableStack();
let reader: pg.Pool;
let store: PgStore;
let title: LaneTitle;

async function decide(...batch: Command[]): Promise<readonly Decision[]> {
  const moves = [{ ...title, cursor: { seq: 1, messageId: null, timeMs: null } }];
  const begun = await store.openBatch(moves, batch);
  const decided = decideBatch(batch, begun.knowledge, TEHRAN);
  await begun.commit(writesOf(batch, decided));
  return decided.decisions;
}

beforeAll(async () => {
  const database = stack.use(await createLedgerDatabase());
  reader = database.pool();
  store = await database.store('a');
  [title] = (await store.claim(1, [])) as [LaneTitle];
  expect((await decide(early, ...opening)).map(({ kind }) => kind)).toEqual(['dead', 'recorded', 'recorded']);
});
afterAll(() => stack.disposeAsync());

describe('a log that is read again after a rollback', () => {
  const buried = { kind: 'dead', reason: 'UNKNOWN_VENDOR', detail: 'there is no vendor 21', again: true };

  it('leaves its dead letters dead, though the vendor has been opened since', async () => {
    expect(await decide(again(early))).toEqual([buried]);
  });

  it('writes no second dead letter', async () => {
    await decide(again(early));
    const { rows } = await reader.query('SELECT stream_epoch FROM ledger.dead_letters');
    expect(rows).toEqual([{ stream_epoch: 1 }]);
  });

  it('does the same in memory', () => {
    const paper = new PaperLedger();
    paper.batch(early, ...opening);
    expect(paper.batch(again(early))).toEqual([buried]);
    expect(paper.books.deadLetters).toHaveLength(1);
  });

  it('executes what has the number of a dead letter now', async () => {
    const other = { ...again(early), timeMs: early.timeMs + 1, messageId: 'other' as Command['messageId'] };
    expect(await decide(other)).toMatchObject([{ kind: 'recorded' }]);
  });

  it('lets the sender repeat it in a message of its own', async () => {
    const repeat = { ...again(early), streamSeq: 9 };
    expect(await decide(repeat)).toMatchObject([{ kind: 'recorded' }]);
  });
});
