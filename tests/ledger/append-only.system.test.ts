import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { charge, credit, open, PaperLedger, reverse, VENDOR } from '../../services/ledger/simulator/given.ts';
import type { Transaction } from '../../services/ledger/src/domain/transaction.ts';
import type { PgStore } from '../../services/ledger/src/store/pg-store.ts';
import { createLedgerDatabase, type LedgerDatabase } from './ledger-database.ts';
import { write } from './write.ts';

const stack = new AsyncDisposableStack();
let database: LedgerDatabase;
let reader: pg.Pool;
let store: PgStore;
let chain: readonly Transaction[];

beforeAll(async () => {
  database = stack.use(await createLedgerDatabase());
  reader = database.pool();
  store = await database.store('a');
  const ledger = new PaperLedger();
  ledger.record(open());
  ledger.record(credit('1000.00'));
  const { id } = ledger.record(charge('300.00'));
  ledger.record(reverse(id));
  ledger.record(charge('5000.00'));
  chain = ledger.books.chains.get(VENDOR)!;
  await write(store, chain, [ledger.state()]);
});
afterAll(() => stack.disposeAsync());

const ask = (text: string) => () => reader.query(text);
const command = (text: string) => () => database.admin.query(text);
const refusal = (run: () => Promise<unknown>): Promise<string> =>
  run().then(
    () => 'done',
    (error: { code: string }) => error.code,
  );

const INSUFFICIENT_PRIVILEGE = '42501';
const RESTRICT_VIOLATION = '23001';

describe('a written transaction', () => {
  const changes = [
    'UPDATE ledger.transactions SET amount = 1',
    'UPDATE ledger.transactions SET phone_number = NULL, phone_salt = NULL',
    'DELETE FROM ledger.transactions',
    'TRUNCATE ledger.transactions',
    'UPDATE ledger.expirations SET source = source',
    'DELETE FROM ledger.expirations',
    'TRUNCATE ledger.expirations',
  ];
  it.each(changes)('is refused to the ledger’s own role: %s', async (text) => {
    expect(await refusal(ask(text))).toBe(INSUFFICIENT_PRIVILEGE);
  });
  it.each(changes)('is refused to the database’s owner: %s', async (text) => {
    expect(await refusal(command(text))).toBe(RESTRICT_VIOLATION);
  });
});

describe('the role that erases', () => {
  const as = async (role: string, text: string): Promise<string> => {
    await database.admin.query('BEGIN');
    try {
      await database.admin.query(`SET LOCAL ROLE ${role}`);
      return await refusal(command(text));
    } finally {
      await database.admin.query('ROLLBACK');
    }
  };

  it('may set a phone number and its salt to null, together', async () => {
    const erase =
      'UPDATE ledger.transactions SET phone_number = NULL, phone_salt = NULL WHERE phone_number IS NOT NULL';
    expect(await as('b2b_eraser', erase)).toBe('done');
    expect(await as('b2b_ledger', erase)).toBe(INSUFFICIENT_PRIVILEGE);
    expect(await refusal(command(erase))).toBe(RESTRICT_VIOLATION);
  });

  it.each([
    ["phone_number = '+989120000000'", RESTRICT_VIOLATION],
    ['phone_number = NULL', RESTRICT_VIOLATION],
    ['phone_salt = NULL', RESTRICT_VIOLATION],
    ['phone_number = NULL, phone_salt = NULL, amount = 1', INSUFFICIENT_PRIVILEGE],
    ['phone_number = NULL, phone_salt = NULL, phone_commitment = NULL', INSUFFICIENT_PRIVILEGE],
    ['hash = previous_hash', INSUFFICIENT_PRIVILEGE],
  ])('may not: SET %s', async (change, code) => {
    expect(await as('b2b_eraser', `UPDATE ledger.transactions SET ${change} WHERE seq = 3`)).toBe(code);
  });

  it('may not erase twice, so that nothing comes back under the name of an erasure', async () => {
    await database.admin.query('BEGIN');
    try {
      await database.admin.query('SET LOCAL ROLE b2b_eraser');
      const set = (values: string) => `UPDATE ledger.transactions SET ${values} WHERE seq = 3`;
      await database.admin.query(set('phone_number = NULL, phone_salt = NULL'));
      expect(await refusal(command(set('phone_number = NULL, phone_salt = NULL')))).toBe(RESTRICT_VIOLATION);
    } finally {
      await database.admin.query('ROLLBACK');
    }
  });

  it.each([
    'DELETE FROM ledger.transactions',
    'TRUNCATE ledger.transactions',
    'SELECT amount FROM ledger.transactions',
  ])('may not: %s', async (text) => expect(await as('b2b_eraser', text)).toBe(INSUFFICIENT_PRIVILEGE));

  it('leaves the chain whole', async () => {
    await database.admin.query('BEGIN');
    try {
      await database.admin.query('SET LOCAL ROLE b2b_eraser');
      await database.admin.query(
        'UPDATE ledger.transactions SET phone_number = NULL, phone_salt = NULL WHERE phone_number IS NOT NULL',
      );
      await database.admin.query('RESET ROLE');
      const { rows } = await database.admin.query('SELECT * FROM ledger.chain_breaks');
      expect(rows).toEqual([]);
    } finally {
      await database.admin.query('ROLLBACK');
    }
  });
});

describe('the ledger’s own role', () => {
  it.each([
    'DELETE FROM ledger.vendors',
    'DELETE FROM ledger.dead_letters',
    'ALTER TABLE ledger.transactions DISABLE TRIGGER ALL',
    'DROP TRIGGER append_only ON ledger.transactions',
    'DROP TABLE ledger.transactions',
    'CREATE TABLE ledger.another (id int)',
    "SET session_replication_role = 'replica'",
  ])('may not: %s', async (text) => {
    expect(await refusal(ask(text))).toBe(INSUFFICIENT_PRIVILEGE);
  });
});

const CHANGES: [string, string][] = [
  ['amount', 'amount + 1'],
  ['phone_commitment', "decode(repeat('ff', 32), 'hex')"],
  ['balance_effect', 'balance_effect + 1'],
  ['held_effect', 'held_effect + 1'],
  ['held_before', 'held_before + 1'],
  ['held_after', 'held_after + 1'],
  ['principal', "'token:1'"],
  ['reference', "'another'"],
  ['operator', "'another'"],
  ['livemode', 'NOT livemode'],
  ['stream', 'stream + 1'],
  ['stream_index', 'stream_index + 1'],
  ['business_day', 'business_day + 1'],
  ['message_id', "'another'"],
  ['created_at', "created_at + interval '1 ms'"],
  ['source', "'another'"],
  ['fingerprint', "decode(repeat('ff', 16), 'hex')"],
  ['stream_seq', 'stream_seq + 1000'],
  ['stream_epoch', 'stream_epoch + 1'],
  ['details', "'{}'"],
  ['id', 'gen_random_uuid()'],
  ['balance_before', 'balance_before + 1'],
  ['balance_after', 'balance_after + 1'],
  ['hash', "decode(repeat('00', 32), 'hex')"],
  ['previous_hash', "decode(repeat('00', 32), 'hex')"],
  ['seq', 'seq + 1000'],
  ['type', "'credit'"],
  ['status', "'rejected'"],
  ['reason', "'VENDOR_INACTIVE'"],
  ['resolves', 'gen_random_uuid()'],
];

describe('the hash chain', () => {
  const broken = async () => (await reader.query('SELECT seq FROM ledger.chain_breaks ORDER BY seq')).rows;

  it('is found whole', async () => {
    expect((await reader.query('SELECT count(*) FROM ledger.transactions')).rows[0].count).toBe('5');
    expect(await broken()).toEqual([]);
  });

  it('every column but number and salt is tried here', async () => {
    const { rows } = await database.admin.query<{ name: string }>(
      "SELECT attname AS name FROM pg_attribute WHERE attrelid = 'ledger.transactions'::regclass AND attnum > 0",
    );
    const all = rows
      .map(({ name }) => name)
      .filter((name) => !/^(phone_number|phone_salt|vendor_id)$/.test(name));
    expect(CHANGES.map(([column]) => column).sort()).toEqual(all.sort());
  });

  // The server's owner can turn every trigger off; the chain still shows the change.
  it.each(CHANGES)('shows a changed %s, written with all guards turned off', async (column, value) => {
    await database.admin.query('BEGIN');
    try {
      await database.admin.query("SET LOCAL session_replication_role = 'replica'");
      const checks = await database.admin.query(
        "SELECT conname FROM pg_constraint WHERE conrelid = 'ledger.transactions'::regclass AND contype = 'c'",
      );
      for (const { conname } of checks.rows)
        await database.admin.query(`ALTER TABLE ledger.transactions DROP CONSTRAINT ${conname}`);
      await database.admin.query(`UPDATE ledger.transactions SET ${column} = ${value} WHERE seq = 3`);
      const { rows } = await database.admin.query('SELECT seq FROM ledger.chain_breaks');
      expect(rows).not.toEqual([]);
    } finally {
      await database.admin.query('ROLLBACK');
    }
    expect(await broken()).toEqual([]);
  });

  it('shows a removed transaction', async () => {
    await database.admin.query('BEGIN');
    await database.admin.query("SET LOCAL session_replication_role = 'replica'");
    await database.admin.query('DELETE FROM ledger.transactions WHERE seq = 3');
    const { rows } = await database.admin.query('SELECT seq, gap FROM ledger.chain_breaks');
    await database.admin.query('ROLLBACK');
    expect(rows).toEqual([{ seq: '4', gap: true }]);
  });
});
