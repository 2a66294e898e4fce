import { expect, test } from 'vitest';
import { appendRow, type BooksEditor } from './edit-books.ts';
import { type TamperCase, tamperCases, VENDOR as V } from './tamper-cases.ts';

const lowerAmount = ({ unguarded }: BooksEditor) =>
  unguarded(
    'ALTER TABLE ledger.transactions DROP CONSTRAINT effect_within_amount',
    'UPDATE ledger.transactions SET amount = 100 WHERE vendor_id = 1 AND seq = 4',
  );

/** A lower amount, with every balance and hash after it as if it had always been so. */
async function rewriteHistory(editor: BooksEditor): Promise<void> {
  await lowerAmount(editor);
  await editor.recalculate(V, 4);
  await editor.rehash(V, 4);
}

async function eraseLastSale({ unguarded, rehash }: BooksEditor): Promise<void> {
  await unguarded(`DELETE FROM ledger.transactions WHERE vendor_id = 1
    AND seq = (SELECT max(seq) FROM ledger.transactions WHERE vendor_id = 1)`);
  await rehash(V, 2);
}

/** Two neighbours change places, and the balances follow. */
async function swapRows({ unguarded, recalculate }: BooksEditor): Promise<void> {
  await unguarded(
    'UPDATE ledger.transactions SET seq = 1000 WHERE vendor_id = 1 AND seq = 4',
    'UPDATE ledger.transactions SET seq = 4 WHERE vendor_id = 1 AND seq = 5',
    'UPDATE ledger.transactions SET seq = 5 WHERE vendor_id = 1 AND seq = 1000',
  );
  await recalculate(V, 2);
}

const ADDED = `jsonb_build_object('balance_effect', t.amount, 'balance_after', last.balance_after + t.amount)`;

const CASES: TamperCase[] = [
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
    edit: async (editor) => {
      await lowerAmount(editor);
      await editor.recalculate(V, 4);
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
    edit: async (editor) => {
      await rewriteHistory(editor);
      await editor.client.query(`UPDATE reconciler.heads h SET hash = t.hash, balance = t.balance_after
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
    edit: async (editor) => {
      await swapRows(editor);
      await editor.rehash(V, 2);
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
];

tamperCases(CASES);

test('every case has a name of its own', () => {
  expect(new Set(CASES.map(({ name }) => name)).size).toBe(CASES.length);
});
