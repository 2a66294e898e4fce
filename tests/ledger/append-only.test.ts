import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { charge, credit, open, PaperLedger, reverse, VENDOR } from '../../services/ledger/simulator/given.ts';
import type { Transaction } from '../../services/ledger/src/domain/transaction.ts';
import type { PgStore } from '../../services/ledger/src/store/pg-store.ts';
import { createLedgerDatabase, type LedgerDatabase } from './ledger-database.ts';
import { write } from './write.ts';

describe.each([0, 4])('with transactions in %i partitions (0: one table),', (partitions) => {
  const stack = new AsyncDisposableStack();
  let database: LedgerDatabase;
  let reader: pg.Pool;
  let store: PgStore;
  let chain: readonly Transaction[];

  beforeAll(async () => {
    database = stack.use(await createLedgerDatabase({ partitions }));
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
      'UPDATE ledger.transactions SET amount = 1 WHERE false',
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

  describe.runIf(partitions > 0)('a partition', () => {
    it.each([
      'UPDATE ledger.transactions_p01 SET amount = 1',
      'DELETE FROM ledger.transactions_p01 WHERE false',
      'TRUNCATE ledger.transactions_p01',
      'INSERT INTO ledger.transactions_p01 SELECT * FROM ledger.transactions LIMIT 1',
      'SELECT * FROM ledger.transactions_p01',
    ])('is out of reach of the ledger’s own role: %s', async (text) => {
      expect(await refusal(ask(text))).toBe(INSUFFICIENT_PRIVILEGE);
    });
    it.each(['UPDATE ledger.transactions_p01 SET amount = 1', 'TRUNCATE ledger.transactions_p01'])(
      'is guarded against its owner: %s',
      async (text) => {
        expect(await refusal(command(text))).toBe(RESTRICT_VIOLATION);
      },
    );
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

  describe('the hash chain', () => {
    const broken = async () => (await reader.query('SELECT seq FROM ledger.chain_breaks ORDER BY seq')).rows;

    it('is found whole', async () => {
      expect((await reader.query('SELECT count(*) FROM ledger.transactions')).rows[0].count).toBe('5');
      expect(await broken()).toEqual([]);
    });

    // Whoever owns the server can turn every trigger off; the chain still tells.
    it.each([
      ['amount', 'amount + 1'],
      ['phone_number', "'+989120000000'"],
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
      ['reversal_of', 'gen_random_uuid()'],
    ])('shows a changed %s, written with all guards turned off', async (column, value) => {
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
});
