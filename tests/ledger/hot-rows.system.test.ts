import type { VendorId } from '@b2b-charge/contracts';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { charge, command, credit, open, TEHRAN } from '../../services/ledger/simulator/given.ts';
import type { Command } from '../../services/ledger/src/domain/command.ts';
import { decideBatch } from '../../services/ledger/src/domain/decide-batch.ts';
import { writesOf } from '../../services/ledger/src/process/commit-batch.ts';
import type { LaneTitle } from '../../services/ledger/src/process/ports.ts';
import type { PgStore } from '../../services/ledger/src/store/pg-store.ts';
import { waitFor } from '../harness.ts';
import { createLedgerDatabase, type LedgerDatabase } from './ledger-database.ts';

const VENDORS = 400;
const BATCHES = 150;
const ROUNDS = 10;
const stack = new AsyncDisposableStack();
let database: LedgerDatabase;
let store: PgStore;
let titles: LaneTitle[];
let seq = 0;

beforeAll(async () => {
  database = stack.use(await createLedgerDatabase());
  // No vacuum helps: what an update leaves behind, the next one on the page takes away. And no ANALYZE keeps it there.
  for (const table of ['vendors', 'lanes', 'transactions'])
    await database.admin.query(`ALTER TABLE ledger.${table} SET (autovacuum_enabled = off)`);
  store = await database.store('a');
  titles = await store.claim(16, []);
  const openings = Array.from({ length: VENDORS }, (_, index) => [
    commandTo(index + 1, open()),
    commandTo(index + 1, credit('1000000.00')),
  ]);
  await commit(openings.flat());
});
afterAll(() => stack.disposeAsync());

function commandTo(vendor: number, request: Command['request']): Command {
  return command({ request, vendorId: vendor as VendorId, key: `key-${++seq}`, streamSeq: seq });
}

async function commit(batch: readonly Command[]): Promise<void> {
  const moves = titles.map((title) => ({ ...title, cursor: { seq, messageId: `key-${seq}`, timeMs: seq } }));
  const begun = await store.openBatch(moves, batch);
  await begun.commit(writesOf(batch, decideBatch(batch, begun.knowledge, TEHRAN)));
}

async function sellFor(batches: number): Promise<void> {
  for (let n = 0; n < batches; n++) {
    const buyers = Array.from({ length: 20 }, (_, index) => 1 + ((n * 20 + index * 7) % VENDORS));
    await commit(buyers.map((vendor) => commandTo(vendor, charge('1.00'))));
  }
}

interface Stat {
  updates: number;
  hot: number;
  bytes: number;
}

async function statOf(table: string, atLeast: number): Promise<Stat> {
  let stat: Stat | undefined;
  await waitFor(async () => {
    // What the ledger's session has counted shows a second after it counted it.
    await store.renew([]);
    const { rows } = await database.admin.query<Stat>(
      `SELECT n_tup_upd::int AS updates, n_tup_hot_upd::int AS hot, pg_relation_size(relid)::int AS bytes
       FROM pg_stat_user_tables WHERE relid = $1::regclass`,
      [table],
    );
    stat = rows[0]!;
    return stat.updates >= atLeast;
  });
  return stat!;
}

it.each([
  { table: 'ledger.vendors', each: 20 },
  { table: 'ledger.lanes', each: 16 },
])('updates of $table stay on their page, and it stops growing', async ({ table, each }) => {
  // A long transaction, were it in another test's database, keeps dead rows: one undisturbed round is asked for.
  const rounds: { hot: number; growth: number }[] = [];
  let last = await statOf(table, 0);
  for (let round = 0; round < ROUNDS && !rounds.some(undisturbed); round++) {
    await sellFor(BATCHES);
    const now = await statOf(table, last.updates + BATCHES * each);
    rounds.push({
      hot: (now.hot - last.hot) / (now.updates - last.updates),
      growth: now.bytes / Math.max(8_192, last.bytes),
    });
    last = now;
  }
  expect(rounds.some(undisturbed), JSON.stringify(rounds)).toBe(true);
});

const undisturbed = ({ hot, growth }: { hot: number; growth: number }) => hot > 0.95 && growth <= 1.1;

it('a token’s table leaves room on its pages for the last uses that are written down', async () => {
  const { rows } = await database.admin.query(
    "SELECT reloptions FROM pg_class WHERE oid = 'gateway.tokens'::regclass",
  );
  expect(rows).toEqual([{ reloptions: ['fillfactor=70'] }]);
});
