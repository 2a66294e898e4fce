import type { CheckName, Level } from '@b2b-charge/contracts';
import { testDatabase } from '@b2b-charge/stack';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { asOwner, openScene, type Scene } from './scene.ts';
import { appendRow, createThief, type Thief } from './thief.ts';

// Vendor 1 has charges, a refused one, a reversal; vendor 2 charges and what expired; vendor 3 little.
const V = 1;
const stack = new AsyncDisposableStack();
let scene: Scene;
let redis: Redis;

beforeAll(async () => {
  scene = stack.use(await openScene());
  redis = stack.adopt(new Redis(inject('servers').redisUrl), async (client) => client.disconnect());
  for (const vendor of [1, 2, 3]) await scene.open(vendor, '1000000');
  for (let n = 1; n <= 4; n++) {
    await scene.charge(1, `early-${n}`, '5000');
    await scene.charge(2, `early-${n}`, '7000');
  }
  expect((await scene.audit()).run.status).toBe('verified');
  const charged = await scene.charge(1, 'to-reverse', '2500');
  if (charged.outcome !== 'posted') throw new Error('not charged');
  const { transaction_id: id } = charged.transaction;
  await scene.send(1, 'reverse-1', { type: 'reverse', transaction_id: id, reason: 'wrong number' });
  expect(await scene.charge(1, 'too-much', '99999999')).toMatchObject({ code: 'INSUFFICIENT_BALANCE' });
  await scene.send(4, 'nobody', { type: 'rebuild' }); // a dead letter
  for (let n = 1; n <= 4; n++) await scene.charge(1, `late-${n}`, '3000');
  await scene.charge(1, 'late-4', '3000'); // a repeat
  await scene.charge(1, 'late-4', '3001'); // a key used again
  await scene.closeShop();
  const clean = await scene.audit();
  expect(clean.findings).toEqual([]);
  expect(clean.run.status).toBe('verified');
}, 60_000);
afterAll(() => stack.disposeAsync());

interface Expected {
  readonly check: CheckName;
  readonly level?: Exclude<Level, 'VERIFIED'>;
  readonly vendor?: number | null;
  readonly message?: RegExp;
}

interface Edit {
  readonly name: string;
  readonly edit: (thief: Thief) => Promise<unknown>;
  /** Each must be among the findings; other findings of the same edit are welcome. */
  readonly found: readonly Expected[];
  /** What a fix would be offered for; nothing unless said. */
  readonly fixable?: readonly number[];
  /** Found by every audit, or only by one from genesis: old rows are not read again otherwise. */
  readonly mode?: 'incremental' | 'full';
}

const copyKey = (vendor: number) => `${scene.playground.namespace}:balance:${vendor}`;

const lowerAmount = ({ unguarded }: Thief) =>
  unguarded(
    'ALTER TABLE ledger.transactions DROP CONSTRAINT effect_within_amount',
    'UPDATE ledger.transactions SET amount = 100 WHERE vendor_id = 1 AND seq = 4',
  );

/** A lower amount, with every balance and hash after it as if it had always been so. */
async function rewriteHistory(thief: Thief): Promise<void> {
  await lowerAmount(thief);
  await thief.recalculate(V, 4);
  await thief.rehash(V, 4);
}

async function eraseLastSale({ unguarded, rehash }: Thief): Promise<void> {
  await unguarded(`DELETE FROM ledger.transactions WHERE vendor_id = 1
    AND seq = (SELECT max(seq) FROM ledger.transactions WHERE vendor_id = 1)`);
  await rehash(V, 2);
}

/** Two neighbours change places, and the balances follow. */
async function swapRows({ unguarded, recalculate }: Thief): Promise<void> {
  await unguarded(
    'UPDATE ledger.transactions SET seq = 1000 WHERE vendor_id = 1 AND seq = 4',
    'UPDATE ledger.transactions SET seq = 4 WHERE vendor_id = 1 AND seq = 5',
    'UPDATE ledger.transactions SET seq = 5 WHERE vendor_id = 1 AND seq = 1000',
  );
  await recalculate(V, 2);
}

const ADDED = `jsonb_build_object('balance_effect', t.amount, 'balance_after', last.balance_after + t.amount)`;

const EDITS: Edit[] = [
  {
    name: 'a stored balance raised by 50 Toman',
    edit: ({ client }) =>
      client.query('UPDATE ledger.vendors SET balance = balance + 5000 WHERE vendor_id = 1'),
    found: [{ check: 'stored-balance', level: 'MINOR_DISCREPANCY', vendor: V }],
    fixable: [V],
    mode: 'incremental',
  },
  {
    name: 'a stored balance raised by a million',
    edit: ({ client }) =>
      client.query('UPDATE ledger.vendors SET balance = balance + 100000000 WHERE vendor_id = 1'),
    found: [{ check: 'stored-balance', vendor: V }],
    mode: 'incremental',
  },
  {
    name: "a charge's amount lowered",
    edit: lowerAmount,
    found: [
      { check: 'conservation', vendor: V },
      { check: 'chain', vendor: V, message: /content/ },
    ],
  },
  {
    name: "a charge's amount lowered and all balances after it raised",
    edit: async (thief) => {
      await lowerAmount(thief);
      await thief.recalculate(V, 4);
    },
    found: [{ check: 'chain', vendor: V, message: /content/ }],
  },
  {
    name: 'history rewritten with every balance and hash recomputed',
    edit: rewriteHistory,
    found: [{ check: 'append-only', vendor: V, message: /rewritten/ }],
    mode: 'incremental',
  },
  {
    name: 'history rewritten, hashes and all, held against the command log',
    edit: rewriteHistory,
    found: [
      { check: 'exactly-once', vendor: V, message: /asked for/ },
      { check: 'append-only', vendor: V, message: /checkpoint 1 vouches/ },
    ],
  },
  {
    name: "history rewritten and the auditor's heads with it",
    edit: async (thief) => {
      await rewriteHistory(thief);
      await thief.client.query(`UPDATE reconciler.heads h SET hash = t.hash, balance = t.balance_after
        FROM ledger.transactions t WHERE t.vendor_id = h.vendor_id AND t.seq = h.seq`);
    },
    found: [
      { check: 'checkpoint', vendor: null, message: /heads/ },
      { check: 'exactly-once', vendor: V, message: /asked for/ },
    ],
    mode: 'incremental',
  },
  {
    name: 'a row deleted',
    edit: ({ unguarded }) => unguarded('DELETE FROM ledger.transactions WHERE vendor_id = 1 AND seq = 5'),
    found: [
      { check: 'chain', vendor: V, message: /gap/ },
      { check: 'no-silent-loss', vendor: V },
    ],
  },
  {
    name: 'the last sale erased without a trace in the books',
    edit: eraseLastSale,
    found: [{ check: 'append-only', vendor: V, message: /gone/ }],
    mode: 'incremental',
  },
  {
    name: 'the last sale erased, held against the command log',
    edit: eraseLastSale,
    found: [{ check: 'no-silent-loss', vendor: V, message: /has no outcome/ }],
  },
  {
    name: 'a credit inserted with numbers, id and hash that all fit',
    edit: async ({ unguarded, recalculate, rehash }) => {
      await unguarded(appendRow(V, 2, ADDED));
      await recalculate(V, 2);
      await rehash(V, 2);
    },
    found: [
      { check: 'credit-requests', vendor: V, message: /nobody asked/ },
      { check: 'exactly-once', vendor: V, message: /compared before/ },
    ],
    mode: 'incremental',
  },
  {
    name: 'a charge given back a second time',
    edit: async ({ unguarded, recalculate, rehash }) => {
      await unguarded('DROP INDEX ledger.transactions_reversed_once', appendRow(V, 8, ADDED));
      await recalculate(V, 2);
      await rehash(V, 2);
    },
    found: [{ check: 'reversals', vendor: V, message: /more than once/ }],
    mode: 'incremental',
  },
  {
    name: "a reversal pointed at another vendor's charge",
    edit: async ({ unguarded, rehash }) => {
      await unguarded(`UPDATE ledger.transactions SET resolves =
        (SELECT id FROM ledger.transactions WHERE vendor_id = 2 AND seq = 4) WHERE vendor_id = 1 AND seq = 8`);
      await rehash(V, 2);
    },
    found: [{ check: 'tenancy', vendor: V }],
    mode: 'incremental',
  },
  {
    name: 'a number exchanged for another',
    edit: ({ unguarded }) =>
      unguarded(
        'ALTER TABLE ledger.transactions DROP CONSTRAINT phone_opens_commitment',
        "UPDATE ledger.transactions SET phone_number = '+989120000000' WHERE vendor_id = 1 AND seq = 6",
      ),
    found: [{ check: 'chain', vendor: V, message: /commits to/ }],
  },
  {
    name: 'two rows swapped',
    edit: swapRows,
    found: [
      { check: 'chain', vendor: V, message: /previous hash/ },
      { check: 'serial', vendor: V },
    ],
  },
  {
    name: 'two rows swapped and their hashes recomputed',
    edit: async (thief) => {
      await swapRows(thief);
      await thief.rehash(V, 2);
    },
    found: [
      { check: 'serial', vendor: V, message: /earlier in the log/ },
      { check: 'chain', vendor: V, message: /id does not say/ },
    ],
  },
  {
    name: 'a refused sale turned into a posted one',
    edit: ({ unguarded }) =>
      unguarded(
        "UPDATE ledger.transactions SET status = 'posted', reason = NULL WHERE vendor_id = 1 AND seq = 9",
      ),
    found: [
      { check: 'conservation', vendor: V },
      { check: 'chain', vendor: V, message: /content/ },
    ],
  },
  {
    name: 'a posted sale turned into a refused one, balances and hashes recomputed',
    edit: async ({ unguarded, recalculate, rehash }) => {
      await unguarded(
        'ALTER TABLE ledger.transactions DROP CONSTRAINT rejected_moves_nothing',
        `UPDATE ledger.transactions SET status = 'rejected', reason = 'INSUFFICIENT_BALANCE'
         WHERE vendor_id = 1 AND seq = 4`,
      );
      await recalculate(V, 2);
      await rehash(V, 2);
    },
    found: [{ check: 'conservation', vendor: V, message: /reason/ }],
  },
  {
    name: 'a balance below zero',
    edit: ({ unguarded }) =>
      unguarded(
        'ALTER TABLE ledger.transactions DROP CONSTRAINT transactions_balance_after_check',
        'ALTER TABLE ledger.transactions DROP CONSTRAINT held_within_balance',
        'ALTER TABLE ledger.transactions DROP CONSTRAINT effects_move_balance',
        'UPDATE ledger.transactions SET balance_after = -100 WHERE vendor_id = 1 AND seq = 6',
      ),
    found: [{ check: 'no-overdraft', vendor: V }],
  },
  {
    name: 'the daily counter set back to zero',
    edit: ({ client }) => client.query('UPDATE ledger.vendors SET charged_today = 0 WHERE vendor_id = 1'),
    found: [{ check: 'daily-counter', vendor: V }],
    mode: 'incremental',
  },
  {
    name: 'the daily counter lowered a little',
    edit: ({ client }) =>
      client.query('UPDATE ledger.vendors SET charged_today = charged_today - 100 WHERE vendor_id = 1'),
    found: [{ check: 'daily-counter', level: 'MINOR_DISCREPANCY', vendor: V }],
    fixable: [V],
    mode: 'incremental',
  },
  {
    name: 'an outcome moved to another message id, so that its key is free again',
    edit: async ({ unguarded, rehash }) => {
      await unguarded(
        "UPDATE ledger.transactions SET message_id = 'other' WHERE vendor_id = 1 AND message_id = 'early-2'",
      );
      await rehash(V, 2);
    },
    found: [
      { check: 'no-silent-loss', vendor: V },
      { check: 'exactly-once', vendor: V, message: /no command/ },
    ],
  },
  {
    name: 'a second outcome under the same key',
    edit: async ({ unguarded, rehash }) => {
      await unguarded(
        'ALTER TABLE ledger.transactions DROP CONSTRAINT exactly_once',
        appendRow(V, 4, `jsonb_build_object('amount', 0, 'message_id', t.message_id)`),
      );
      await rehash(V, 2);
    },
    found: [
      { check: 'exactly-once', vendor: V, message: /several outcomes/ },
      { check: 'exactly-once', vendor: null, message: /no longer guards/ },
    ],
    mode: 'incremental',
  },
  {
    name: 'a sale executed after its deadline',
    edit: async ({ unguarded, rehash }) => {
      await unguarded(
        `UPDATE ledger.transactions SET created_at = created_at + interval '1 hour' WHERE vendor_id = 1 AND seq >= 12`,
      );
      await rehash(V, 2);
    },
    found: [{ check: 'bounded-doubt', vendor: V }],
  },
  {
    name: "a credit request's amount raised afterwards",
    edit: async ({ client }) => {
      await client.query('ALTER TABLE credits.requests DISABLE TRIGGER USER');
      await client.query('UPDATE credits.requests SET amount = amount * 2 WHERE vendor_id = 2');
    },
    found: [{ check: 'credit-requests', vendor: 2 }],
  },
  {
    name: 'the approvals of a posted credit gone',
    edit: async ({ client }) => {
      await client.query('ALTER TABLE credits.approvals DISABLE TRIGGER USER');
      await client.query(
        'DELETE FROM credits.approvals WHERE request_id IN (SELECT id FROM credits.requests WHERE vendor_id = 1)',
      );
    },
    found: [{ check: 'credit-requests', vendor: V, message: /does not fit/ }],
  },
  {
    name: 'an approval that nobody posts',
    edit: ({ client }) =>
      client.query(`INSERT INTO credits.requests (vendor_id, amount, status, requested_by, approvals_needed,
        business_day, decided_by, decided_at) VALUES (3, 100, 'approved', 'x', 1, now(), 'y', now() - interval '1 day')`),
    found: [{ check: 'credit-requests', level: 'MINOR_DISCREPANCY', vendor: 3, message: /still not posted/ }],
    mode: 'incremental',
  },
  {
    name: 'a vendor removed',
    edit: ({ client }) => client.query('DELETE FROM ledger.vendors WHERE vendor_id = 2'),
    found: [{ check: 'append-only', vendor: 2 }],
    mode: 'incremental',
  },
  {
    name: 'the triggers left switched off',
    edit: ({ client }) => client.query('ALTER TABLE ledger.transactions DISABLE TRIGGER append_only'),
    found: [{ check: 'append-only', vendor: null, message: /no longer guards/ }],
    mode: 'incremental',
  },
  {
    name: 'the newest checkpoint removed',
    edit: async ({ client }) => {
      await client.query('DELETE FROM reconciler.heads WHERE checkpoint_id = 2');
      await client.query('DELETE FROM reconciler.checkpoints WHERE checkpoint_id = 2');
    },
    found: [{ check: 'checkpoint', vendor: null, message: /published/ }],
    mode: 'incremental',
  },
  {
    name: 'a checkpoint signed by another key',
    edit: ({ client }) =>
      client.query("UPDATE reconciler.checkpoints SET signature = decode(repeat('ab', 64), 'hex')"),
    found: [{ check: 'checkpoint', vendor: null, message: /signature/ }],
    mode: 'incremental',
  },
  {
    name: 'Redis poisoned with a balance that was never there',
    edit: () => redis.hset(copyKey(V), 'balance', '99999999900'),
    found: [{ check: 'redis-copies', vendor: V }],
    mode: 'incremental',
  },
  {
    name: 'Redis poisoned with a copy that nothing would replace',
    edit: () => redis.hset(copyKey(V), 'seq', '4000000'),
    found: [{ check: 'redis-copies', vendor: V, message: /does not exist/ }],
    mode: 'incremental',
  },
  {
    name: 'a copy in Redis off by one Toman',
    edit: () => redis.hincrby(copyKey(V), 'balance', 100),
    found: [{ check: 'redis-copies', level: 'MINOR_DISCREPANCY', vendor: V }],
    fixable: [V],
    mode: 'incremental',
  },
];

test.each(EDITS)('$name', async ({ edit, found, fixable = [], mode = 'full' }) => {
  const copies = await redis.hgetall(copyKey(V));
  const servers = inject('servers');
  await using copy = await testDatabase({ ...servers, template: scene.playground.database.name });
  await asOwner(copy.adminUrl, (client) => edit(createThief(client)));
  const offered: number[] = [];
  const { findings, run } = await scene
    .audit({
      mode,
      dryRun: false,
      databaseUrl: copy.urls.reconciler,
      approveFix: async (vendors) => {
        offered.push(...vendors);
        return false;
      },
    })
    .finally(() => redis.hset(copyKey(V), copies));
  for (const { check, level = 'CRITICAL', vendor = null, message = /./ } of found) {
    const like = findings.filter((one) => one.check === check && one.level === level);
    expect(like, JSON.stringify(findings, null, 1)).toContainEqual(
      expect.objectContaining({ vendor_id: vendor, message: expect.stringMatching(message) }),
    );
  }
  const touched = new Set([null, ...found.map(({ vendor }) => vendor ?? null)]);
  expect(findings.filter(({ vendor_id }) => !touched.has(vendor_id))).toEqual([]);
  expect(offered).toEqual(fixable);
  const critical = found.some(({ level }) => level !== 'MINOR_DISCREPANCY');
  expect(run.status).toBe(critical ? 'critical' : 'minor');
});

test('the drill has at least thirty distinct edits', () => {
  expect(new Set(EDITS.map(({ name }) => name)).size).toBeGreaterThanOrEqual(30);
});
