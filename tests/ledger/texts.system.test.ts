import type { MessageId, VendorId } from '@b2b-charge/contracts';
import fc from 'fast-check';
import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { charge, command, open, TEHRAN } from '../../services/ledger/simulator/given.ts';
import type { Command, Unreadable } from '../../services/ledger/src/domain/command.ts';
import { decideBatch } from '../../services/ledger/src/domain/decide-batch.ts';
import { writesOf } from '../../services/ledger/src/process/commit-batch.ts';
import type { LaneTitle } from '../../services/ledger/src/process/ports.ts';
import type { PgStore } from '../../services/ledger/src/store/pg-store.ts';
import { createLedgerDatabase } from './ledger-database.ts';

const stack = new AsyncDisposableStack();
let reader: pg.Pool;
let store: PgStore;
let title: LaneTitle;
beforeAll(async () => {
  const database = stack.use(await createLedgerDatabase());
  reader = database.pool();
  store = await database.store('a');
  [title] = (await store.claim(1, [])) as [LaneTitle];
});
afterAll(() => stack.disposeAsync());

let streamSeq = 0;
async function commit(batch: (Command | Unreadable)[]): Promise<void> {
  const moves = [{ ...title, cursor: { seq: 1, messageId: null, timeMs: null } }];
  const begun = await store.openBatch(moves, batch);
  await begun.commit(writesOf(batch, decideBatch(batch, begun.knowledge, TEHRAN)));
}

const NASTY = ['null', 'NULL', '{}', '"', '\\', ',', "'", '\\"', '{"a","b"}', 'x\\', '€', '👩‍💻', ' ', ''];
const text = fc.oneof(fc.constantFrom(...NASTY), fc.string({ unit: 'binary', maxLength: 30 }));

describe('whatever a text holds, it is stored as it is:', () => {
  it('a message id of any printable characters', async () => {
    const printable = fc.string({ unit: 'grapheme-ascii', minLength: 1, maxLength: 40 });
    const ids = fc.oneof(fc.constantFrom('null', '{}', '"', '\\', ',', '{"a"}'), printable);
    const vendorId = 11 as VendorId;
    await commit([command({ request: open(), vendorId, key: 'opened' })]);
    const sent = [...new Set(fc.sample(ids, 200))].filter((id) => id.trim() === id && id !== 'opened');
    await commit(
      sent.map((key) => command({ request: charge('1.00'), vendorId, key, streamSeq: ++streamSeq })),
    );
    const { rows } = await reader.query(
      'SELECT message_id FROM ledger.transactions WHERE vendor_id = $1 AND seq > 1 ORDER BY seq',
      [vendorId],
    );
    expect(rows.map(({ message_id }) => message_id)).toEqual(sent);
  });

  it('a publishing system of any name', async () => {
    const vendorId = 12 as VendorId;
    const sources = ['null', '0', 'a-b', '9e9', 'true', 'nan'];
    const deadline = { ...command({ request: charge('1.00'), vendorId, deadline: 1 }) };
    await commit([
      ...sources.map((source, index) => ({
        ...command({ request: open(), vendorId, key: `open-${index}`, streamSeq: ++streamSeq }),
        source,
      })),
      ...sources.map((source, index) => ({ ...deadline, source, streamSeq: 1_000_000 + index })),
    ]);
    const stored = await reader.query(
      'SELECT source FROM ledger.transactions WHERE vendor_id = $1 ORDER BY seq',
      [vendorId],
    );
    expect(stored.rows.map(({ source }) => source)).toEqual(sources);
    const expired = await reader.query(
      'SELECT source FROM ledger.expirations WHERE vendor_id = $1 ORDER BY stream_seq',
      [vendorId],
    );
    expect(expired.rows.map(({ source }) => source)).toEqual(sources);
  });

  it('names and references that people wrote', async () => {
    const names = NASTY.filter((name) => name !== '');
    await commit(
      names.map((name, index) =>
        command({ request: { type: 'open-vendor', name }, vendorId: (100 + index) as VendorId, key: 'k' }),
      ),
    );
    const { rows } = await reader.query(
      'SELECT v.name, t.details FROM ledger.vendors v JOIN ledger.transactions t USING (vendor_id, seq) WHERE vendor_id >= 100 ORDER BY vendor_id',
    );
    expect(rows.map(({ name }) => name)).toEqual(names);
    expect(rows.map(({ details }) => JSON.parse(details).name)).toEqual(names);
    expect((await reader.query('SELECT * FROM ledger.chain_breaks')).rows).toEqual([]);
  });

  it('a dead letter, byte by byte; of what is no text, what text can say of it', async () => {
    await fc.assert(
      fc.asyncProperty(text, text, fc.uint8Array({ maxLength: 40 }), async (header, detail, payload) => {
        const unreadable: Unreadable = {
          ...command({ request: charge('1.00') }),
          kind: 'unreadable',
          reason: 'MALFORMED',
          detail,
          messageId: 'k' as MessageId,
          streamSeq: ++streamSeq,
          raw: () => ({ subject: 's', headers: [['h', header]], payload }),
        };
        await commit([unreadable]);
        const { rows } = await reader.query(
          'SELECT detail, headers, payload FROM ledger.dead_letters WHERE stream_seq = $1',
          [streamSeq],
        );
        expect(rows[0].detail).toBe(detail.replaceAll('\0', '\uFFFD').toWellFormed());
        expect(JSON.parse(rows[0].headers)).toEqual([['h', header]]);
        expect(new Uint8Array(rows[0].payload)).toEqual(payload);
      }),
      { numRuns: 60 },
    );
  });
});
