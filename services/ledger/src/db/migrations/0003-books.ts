import { type Kysely, sql } from 'kysely';

/** Readings of the books: the hash chain as one query, double entry, a place in time. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await createChainReadings(db);
  await createDoubleEntry(db);
  await createSeqAt(db);
}

/** docs/ledger.md explains the canonical text; domain/chain.ts writes the same one. */
async function createChainReadings(db: Kysely<unknown>): Promise<void> {
  await sql`CREATE FUNCTION ledger.canonical_text(t ledger.transactions) RETURNS text
    LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT concat('v1', E'\\n', t.vendor_id, E'\\n', t.seq, E'\\n', t.id, E'\\n', t.type, E'\\n', t.status, E'\\n',
      t.reason, E'\\n', t.amount, E'\\n', t.phone_number, E'\\n', t.balance_before, E'\\n', t.balance_after, E'\\n',
      t.message_id, E'\\n', encode(t.fingerprint, 'hex'), E'\\n', t.source, E'\\n', t.stream_epoch, E'\\n',
      t.stream_seq, E'\\n', t.reversal_of, E'\\n', t.details, E'\\n',
      (extract(epoch FROM t.created_at) * 1000)::bigint, E'\\n', encode(t.previous_hash, 'hex')) $$`.execute(
    db,
  );
  await sql`CREATE VIEW ledger.chain_breaks AS
    SELECT vendor_id, seq, id,
      hash <> sha256(convert_to(canonical, 'UTF8')) AS content_changed,
      seq <> coalesce(last_seq, 0) + 1 AS gap,
      balance_before <> coalesce(last_balance, 0) AS balance_jump,
      previous_hash <> coalesce(last_hash, decode(repeat('00', 32), 'hex')) AS link_broken
    FROM (
      SELECT t.*, ledger.canonical_text(t) AS canonical, lag(seq) OVER chain AS last_seq,
        lag(balance_after) OVER chain AS last_balance, lag(hash) OVER chain AS last_hash
      FROM ledger.transactions t WINDOW chain AS (PARTITION BY vendor_id ORDER BY seq)
    ) links
    WHERE hash <> sha256(convert_to(canonical, 'UTF8')) OR seq <> coalesce(last_seq, 0) + 1
      OR balance_before <> coalesce(last_balance, 0)
      OR previous_hash <> coalesce(last_hash, decode(repeat('00', 32), 'hex'))`.execute(db);
}

async function createDoubleEntry(db: Kysely<unknown>): Promise<void> {
  await sql`CREATE VIEW ledger.postings AS
    SELECT vendor_id, seq, id AS transaction_id,
      CASE type WHEN 'charge' THEN 'vendor:' || vendor_id WHEN 'reversal' THEN 'sales'
        WHEN 'credit' THEN 'funding' ELSE 'adjustment' END AS debit_account,
      CASE type WHEN 'charge' THEN 'sales' ELSE 'vendor:' || vendor_id END AS credit_account,
      amount, created_at
    FROM ledger.transactions
    WHERE status = 'approved' AND type IN ('charge', 'credit', 'reversal', 'rebuild')`.execute(db);
  await sql`CREATE VIEW ledger.trial_balance AS
    SELECT account, sum(debit) AS debits, sum(credit) AS credits, sum(credit) - sum(debit) AS balance
    FROM (
      SELECT debit_account AS account, amount AS debit, 0::bigint AS credit FROM ledger.postings
      UNION ALL SELECT credit_account, 0, amount FROM ledger.postings
    ) sides GROUP BY account`.execute(db);
}

async function createSeqAt(db: Kysely<unknown>): Promise<void> {
  // seq has no gap and created_at never falls along it, so bisection over the primary key finds a time: no index needed.
  await sql`CREATE FUNCTION ledger.seq_before(vendor int, at timestamptz) RETURNS bigint
    LANGUAGE plpgsql STABLE AS $$
    DECLARE low bigint := 0; high bigint; middle bigint; found timestamptz;
    BEGIN
      SELECT seq INTO high FROM ledger.transactions WHERE vendor_id = vendor ORDER BY seq DESC LIMIT 1;
      high := coalesce(high, 0);
      WHILE low < high LOOP
        middle := (low + high + 1) / 2;
        SELECT created_at INTO found FROM ledger.transactions WHERE vendor_id = vendor AND seq = middle;
        IF found < at THEN low := middle; ELSE high := middle - 1; END IF;
      END LOOP;
      RETURN low;
    END $$`.execute(db);
  await sql`COMMENT ON FUNCTION ledger.seq_before IS
    'The last transaction of a vendor created before an instant; 0 if there is none'`.execute(db);
}
