import type { MessageId, TransactionId } from '@b2b-charge/contracts';
import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  charge,
  credit,
  money,
  OTHER_VENDOR,
  open,
  PaperLedger,
  reverse,
  VENDOR,
} from '../../services/ledger/simulator/given.ts';
import { sealTransaction, type Transaction } from '../../services/ledger/src/domain/transaction.ts';
import type { VendorState } from '../../services/ledger/src/domain/vendor-state.ts';
import type { PgStore } from '../../services/ledger/src/store/pg-store.ts';
import { createLedgerDatabase, type LedgerDatabase } from './ledger-database.ts';
import { write } from './write.ts';

const stack = new AsyncDisposableStack();
const ledger = new PaperLedger();
let database: LedgerDatabase;
let reader: pg.Pool;
let store: PgStore;
let sold: Transaction;

beforeAll(async () => {
  database = stack.use(await createLedgerDatabase());
  reader = database.pool();
  store = await database.store('a');
  ledger.record(open());
  ledger.record(credit('1000.00'));
  sold = ledger.record(charge('300.00'));
  ledger.record(reverse(sold.id));
  await write(store, ledger.books.chains.get(VENDOR)!, [ledger.state()]);
});
afterAll(() => stack.disposeAsync());

/** A charge of 1.00 that would be the vendor's next transaction, with what a test changes of it. */
function next(change: Partial<Transaction> = {}): Transaction {
  const paper = new PaperLedger();
  paper.books.apply({
    transactions: ledger.books.chains.get(VENDOR)!,
    vendors: [ledger.state()],
    dead: [],
  });
  const { hash: _, ...content } = paper.record(charge('1.00'));
  return sealTransaction({ ...content, ...change });
}

const refusal = (rows: readonly Transaction[], vendors: readonly VendorState[] = []): Promise<string> =>
  write(store, rows, vendors).then(
    () => 'written',
    (error: { constraint?: string; message: string }) => error.constraint ?? error.message,
  );

describe('the database refuses a transaction', () => {
  it.each<[string, () => Partial<Transaction>, RegExp]>([
    ['under a key that has an outcome', () => ({ messageId: sold.messageId }), /exactly_once/],
    ['at a number that is taken', () => ({ seq: 4 }), /transactions_pkey/],
    ['that leaves a gap', () => ({ seq: 6 }), /does not continue its chain/],
    [
      'that begins with another balance than its predecessor’s last',
      () => ({ balanceAfter: money(99_901) }),
      /does not continue its chain/,
    ],
    ['that links to another hash', () => ({ previousHash: 'ef'.repeat(32) }), /does not continue its chain/],
    [
      'that begins another chain in the middle',
      () => ({ vendorId: OTHER_VENDOR }),
      /does not continue its chain/,
    ],
    [
      'that begins a chain with a balance',
      () => ({ vendorId: OTHER_VENDOR, seq: 1, previousHash: '00'.repeat(32) }),
      /does not continue its chain/,
    ],
    [
      'that begins a chain with a link',
      () => ({ vendorId: OTHER_VENDOR, seq: 1, ...FREE, previousHash: 'ab'.repeat(32) }),
      /does not continue its chain/,
    ],
    [
      'that makes the balance negative',
      () => ({ amount: money(100_001), balanceEffect: -100_001n, balanceAfter: money(-1) }),
      /held_within_balance|balance_after/,
    ],
    [
      'that moves the balance by more than its amount',
      () => ({ balanceEffect: -1_000n, balanceAfter: money(99_000) }),
      /effect_within_amount/,
    ],
    [
      'that moves the balance though it was rejected',
      () => ({ status: 'rejected', reason: 'VENDOR_INACTIVE' }),
      /rejected_moves_nothing/,
    ],
    [
      'that holds more than the balance',
      () => ({ heldEffect: 100_000n, heldAfter: money(100_000) }),
      /held_within_balance/,
    ],
    [
      'that holds less than nothing',
      () => ({ heldEffect: -1n, heldAfter: money(-1) }),
      /held_within_balance/,
    ],
    [
      'of an unknown type',
      () => ({ type: 'gift' as Transaction['type'], ...NO_PHONE }),
      /transactions_type_check/,
    ],
    [
      'with another status',
      () => ({
        status: 'approved' as Transaction['status'],
        balanceEffect: 0n,
        balanceAfter: money(100_000),
      }),
      /transactions_status_check/,
    ],
    [
      'whose number is another than it commits to',
      () => ({ phoneNumber: '+989120000000' }),
      /phone_opens_commitment/,
    ],
    ['whose number has no salt', () => ({ phoneSalt: null }), /phone_opens_commitment/],
    ['whose salt has no number', () => ({ phoneNumber: null }), /phone_opens_commitment/],
    ['with a reference of 256 characters', () => ({ reference: 'x'.repeat(256) }), /reference/],
    [
      'of a negative amount',
      () => ({ amount: money(-100), balanceEffect: 100n, balanceAfter: money(100_100) }),
      /amount/,
    ],
    ['that is rejected without a reason', () => ({ ...FREE, status: 'rejected' }), /rejected_says_why/],
    ['that is posted with a reason', () => ({ reason: 'VENDOR_INACTIVE' }), /rejected_says_why/],
    ['a charge without a phone', () => NO_PHONE, /charge_has_phone/],
    ['a reversal of nothing', () => ({ type: 'reversal', ...NO_PHONE, ...BACK }), /reversal_has_charge/],
    ['a charge that reverses', () => ({ resolves: sold.id }), /reversal_has_charge/],
    [
      'a second reversal of a charge',
      () => ({ type: 'reversal', ...NO_PHONE, resolves: sold.id, ...BACK }),
      /transactions_reversed_once/,
    ],
    ['with a short hash', () => ({ previousHash: 'ab' }), /previous_hash/],
    ['with a short fingerprint', () => ({ fingerprint: 'ab' }), /fingerprint/],
    ['from nowhere in the log', () => ({ streamSeq: 0 }), /stream_seq/],
    ['with no number', () => ({ seq: 0 }), /seq_check/],
  ])('%s', async (_, change, said) => {
    expect(await refusal([next(change())])).toMatch(said);
  });

  it('and everything that is written with it', async () => {
    const good = next();
    const twin = sealTransaction({ ...good, seq: 6, balanceBefore: good.balanceAfter, ...linkTo(good) });
    expect(await refusal([good, twin])).toMatch(/exactly_once/);
    const { rows } = await reader.query('SELECT max(seq) FROM ledger.transactions');
    expect(rows[0].max).toBe('4');
  });
});

const FREE = { amount: money(0), balanceEffect: 0n, balanceBefore: money(0), balanceAfter: money(0) };
const NO_PHONE = { phoneNumber: null, phoneSalt: null, phoneCommitment: null };
const BACK = { balanceEffect: 100n, balanceAfter: money(100_100) };
const linkTo = ({ hash }: Transaction) => ({ previousHash: hash, id: idOf(6) });
const idOf = (last: number) => `0199f3a1-0000-8000-8000-1c000000000${last}` as TransactionId;

it.each([
  ['balance_before', 1],
  ['held_before', 1],
])('the database refuses a row whose %s and effect do not add up', async (column, by) => {
  const text = `INSERT INTO ledger.transactions SELECT (jsonb_populate_record(t, jsonb_build_object(
      'seq', 5, 'message_id', 'sums', '${column}', t.${column} + ${by}))).*
    FROM ledger.transactions t WHERE seq = 4`;
  await expect(database.admin.query(text)).rejects.toMatchObject({ constraint: 'effects_move_balance' });
});

describe('the database refuses a vendor', () => {
  it.each<[string, Partial<VendorState>]>([
    ['with a negative balance', { balance: money(-1) }],
    ['with a balance that a JSON number cannot hold', { balance: money(1_000_000_000_000_000n) }],
    ['that holds more than it has', { held: money(100_001) }],
    ['with a negative limit', { dailyLimit: money(-1) }],
    ['with a limit above the bound', { dailyLimit: money(1_000_000_000_000_000n) }],
    ['that was charged less than nothing today', { chargedToday: money(-1) }],
    ['without transactions', { seq: 0 }],
    ['with a short hash', { headHash: 'ab' }],
  ])('%s', async (_, change) => {
    expect(await refusal([], [{ ...ledger.state(), ...change, vendorId: OTHER_VENDOR }])).toMatch(
      /^vendors_/,
    );
  });
});

describe('the database takes', () => {
  it('the same rejection of a reversal twice: only a posted one is unique', async () => {
    const rejected = (seq: number, previous: Transaction): Transaction =>
      sealTransaction({
        ...previous,
        type: 'reversal',
        status: 'rejected',
        reason: 'ALREADY_REVERSED',
        seq,
        messageId: `again-${seq}` as MessageId,
        id: idOf(seq),
        amount: sold.amount,
        balanceEffect: 0n,
        balanceBefore: previous.balanceAfter,
        previousHash: previous.hash,
        resolves: sold.id,
        streamSeq: 100 + seq,
        details: null,
      });
    const head = ledger.books.chains.get(VENDOR)!.at(-1)!;
    const first = rejected(5, head);
    expect(await refusal([first, rejected(6, first)])).toBe('written');
  });
});
