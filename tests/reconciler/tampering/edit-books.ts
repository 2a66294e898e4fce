import type pg from 'pg';

/** Edits of a vendor's books with the rights of the database's owner, and what hides them. */
export interface BooksEditor {
  readonly client: pg.Client;
  /** Runs statements with the triggers disabled, and enables them again. */
  unguarded(...statements: string[]): Promise<void>;
  /** Recomputes every balance from a row on, as if the amounts had always been those. */
  recalculate(vendorId: number, fromSeq: number): Promise<void>;
  /** Recomputes the id of every row from its time, vendor and number. */
  reidentify(vendorId: number): Promise<void>;
  /** Recomputes every hash from a row on, and the vendor's head. */
  rehash(vendorId: number, fromSeq: number): Promise<void>;
}

export function createBooksEditor(client: pg.Client): BooksEditor {
  const unguarded = async (...statements: string[]) => {
    await client.query('BEGIN');
    await client.query('ALTER TABLE ledger.transactions DISABLE TRIGGER USER');
    for (const statement of statements) await client.query(statement);
    await client.query('ALTER TABLE ledger.transactions ENABLE TRIGGER USER');
    await client.query('COMMIT');
  };
  return {
    client,
    unguarded,
    async recalculate(vendorId, fromSeq) {
      await unguarded(`DO $$
        DECLARE row ledger.transactions; running bigint;
        BEGIN
          SELECT balance_after INTO running FROM ledger.transactions
            WHERE vendor_id = ${vendorId} AND seq = ${fromSeq} - 1;
          running := coalesce(running, 0);
          FOR row IN SELECT * FROM ledger.transactions
            WHERE vendor_id = ${vendorId} AND seq >= ${fromSeq} ORDER BY seq
          LOOP
            UPDATE ledger.transactions SET balance_before = running,
                balance_effect = effect.of, balance_after = running + effect.of
              FROM (SELECT CASE WHEN row.status = 'rejected' THEN 0 WHEN row.type = 'charge' THEN -row.amount
                WHEN row.type IN ('credit', 'reversal') THEN row.amount ELSE 0 END AS of) effect
              WHERE vendor_id = row.vendor_id AND seq = row.seq RETURNING balance_after INTO running;
          END LOOP;
          UPDATE ledger.vendors SET balance = running WHERE vendor_id = ${vendorId};
        END $$`);
    },
    reidentify: (vendorId) =>
      unguarded(`UPDATE ledger.transactions SET id = (
          lpad(to_hex((extract(epoch FROM created_at) * 1000)::bigint), 12, '0') || substr(replace(id::text, '-', ''), 13)
        )::uuid WHERE vendor_id = ${vendorId}`),
    async rehash(vendorId, fromSeq) {
      await unguarded(`DO $$
        DECLARE row ledger.transactions; link bytea;
        BEGIN
          SELECT hash INTO link FROM ledger.transactions
            WHERE vendor_id = ${vendorId} AND seq = ${fromSeq} - 1;
          link := coalesce(link, decode(repeat('00', 32), 'hex'));
          FOR row IN SELECT * FROM ledger.transactions
            WHERE vendor_id = ${vendorId} AND seq >= ${fromSeq} ORDER BY seq
          LOOP
            UPDATE ledger.transactions SET previous_hash = link WHERE vendor_id = row.vendor_id AND seq = row.seq;
            SELECT sha256(convert_to(text, 'UTF8')) INTO link FROM ledger.canonical_texts
              WHERE vendor_id = row.vendor_id AND seq = row.seq;
            UPDATE ledger.transactions SET hash = link WHERE vendor_id = row.vendor_id AND seq = row.seq;
          END LOOP;
          UPDATE ledger.vendors v SET head_hash = link, seq = t.seq, balance = t.balance_after
            FROM (SELECT seq, balance_after FROM ledger.transactions
              WHERE vendor_id = ${vendorId} ORDER BY seq DESC LIMIT 1) t
            WHERE vendor_id = ${vendorId};
        END $$`);
    },
  };
}

/** Returns the statement that appends a copy of a row with other content. Its number, balances and id fit the chain. */
export const appendRow = (vendorId: number, like: number, changes: string): string => `
  INSERT INTO ledger.transactions
  SELECT (r).* FROM (
    SELECT jsonb_populate_record(t, jsonb_build_object(
      'seq', last.seq + 1, 'stream_seq', last.stream_seq + 1, 'created_at', last.created_at,
      'balance_effect', 0, 'balance_before', last.balance_after, 'balance_after', last.balance_after,
      'message_id', 'forged-' || last.seq,
      'id', overlay(last.id::text placing lpad(to_hex(last.seq + 1), 8, '0') from 29 for 8)
    ) || ${changes}) AS r
    FROM ledger.transactions t, (
      SELECT * FROM ledger.transactions WHERE vendor_id = ${vendorId} ORDER BY seq DESC LIMIT 1) last
    WHERE t.vendor_id = ${vendorId} AND t.seq = ${like}) made`;
