import { type Kysely, sql } from 'kysely';

/** The books: lanes of the log, vendors, transactions, and what was not executed. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await createTypes(db);
  await createLanes(db);
  await createVendors(db);
  await createTransactions(db);
  await createUnexecuted(db);
}

async function createTypes(db: Kysely<unknown>): Promise<void> {
  await sql`CREATE TYPE ledger.transaction_type AS ENUM
    ('charge', 'credit', 'reversal', 'rebuild', 'open-vendor', 'update-vendor')`.execute(db);
  await sql`CREATE TYPE ledger.transaction_status AS ENUM ('approved', 'rejected')`.execute(db);
  await sql`CREATE TYPE ledger.vendor_status AS ENUM ('active', 'suspended')`.execute(db);
}

async function createLanes(db: Kysely<unknown>): Promise<void> {
  await sql`CREATE TABLE ledger.settings (name text PRIMARY KEY, value text NOT NULL)`.execute(db);
  await sql`CREATE TABLE ledger.processes (
    process_id  text PRIMARY KEY,
    lease_until timestamptz NOT NULL
  )`.execute(db);
  // A handful of rows that every batch updates: half of each page stays free, so that updates stay on it.
  await sql`CREATE TABLE ledger.lanes (
    lane              int PRIMARY KEY CHECK (lane >= 0),
    epoch             bigint NOT NULL DEFAULT 0,
    owner             text,
    lease_until       timestamptz NOT NULL DEFAULT '-infinity',
    stream_epoch      int NOT NULL DEFAULT 1,
    cursor_seq        bigint NOT NULL DEFAULT 0,
    cursor_message_id text,
    cursor_time_ms    bigint,
    published_epoch   int NOT NULL DEFAULT 1,
    published_seq     bigint NOT NULL DEFAULT 0,
    published_at      timestamptz NOT NULL DEFAULT '-infinity'
  ) WITH (fillfactor = 20)`.execute(db);
}

async function createVendors(db: Kysely<unknown>): Promise<void> {
  await sql`CREATE TABLE ledger.vendors (
    vendor_id     int PRIMARY KEY CHECK (vendor_id > 0),
    name          text NOT NULL,
    status        ledger.vendor_status NOT NULL,
    balance       bigint NOT NULL CHECK (balance BETWEEN 0 AND 9007199254740991),
    daily_limit   bigint CHECK (daily_limit >= 0),
    business_day  date NOT NULL,
    charged_today bigint NOT NULL CHECK (charged_today >= 0),
    seq           bigint NOT NULL CHECK (seq > 0),
    head_hash     bytea NOT NULL CHECK (octet_length(head_hash) = 32),
    opened_at     timestamptz NOT NULL,
    updated_at    timestamptz NOT NULL
  ) WITH (fillfactor = 50)`.execute(db);
}

async function createTransactions(db: Kysely<unknown>): Promise<void> {
  await sql`CREATE TABLE ledger.transactions (
    vendor_id      int NOT NULL,
    stream_epoch   int NOT NULL,
    seq            bigint NOT NULL CHECK (seq > 0),
    stream_seq     bigint NOT NULL CHECK (stream_seq > 0),
    amount         bigint NOT NULL CHECK (amount >= 0),
    balance_before bigint NOT NULL CHECK (balance_before >= 0),
    balance_after  bigint NOT NULL CHECK (balance_after >= 0),
    created_at     timestamptz NOT NULL,
    id             uuid NOT NULL,
    type           ledger.transaction_type NOT NULL,
    status         ledger.transaction_status NOT NULL,
    fingerprint    bytea NOT NULL CHECK (octet_length(fingerprint) = 16),
    previous_hash  bytea NOT NULL CHECK (octet_length(previous_hash) = 32),
    hash           bytea NOT NULL CHECK (octet_length(hash) = 32),
    message_id     text NOT NULL,
    source         text NOT NULL,
    phone_number   text,
    reason         text,
    reversal_of    uuid,
    details        text,
    PRIMARY KEY (vendor_id, seq),
    CONSTRAINT exactly_once UNIQUE (vendor_id, message_id),
    CONSTRAINT rejected_says_why CHECK ((status = 'rejected') = (reason IS NOT NULL)),
    CONSTRAINT charge_has_phone CHECK ((type = 'charge') = (phone_number IS NOT NULL)),
    CONSTRAINT reversal_has_charge CHECK ((type = 'reversal') = (reversal_of IS NOT NULL)),
    CONSTRAINT amount_moves_balance CHECK (balance_after = balance_before + CASE
      WHEN status = 'rejected' THEN 0
      WHEN type = 'charge' THEN -amount
      WHEN type IN ('credit', 'reversal') THEN amount
      ELSE 0 END)
  )`.execute(db);
  // A charge is given back once.
  await sql`CREATE UNIQUE INDEX transactions_reversed_once ON ledger.transactions (vendor_id, reversal_of)
    WHERE reversal_of IS NOT NULL AND status = 'approved'`.execute(db);
  // Rows arrive in the order of time, so a few bytes per hundred pages find a time span: events not yet published,
  // the audit's new rows, an operator's search over all vendors.
  await sql`CREATE INDEX transactions_created_at ON ledger.transactions USING brin (created_at)
    WITH (pages_per_range = 32, autosummarize = on)`.execute(db);
}

async function createUnexecuted(db: Kysely<unknown>): Promise<void> {
  await sql`CREATE TABLE ledger.expirations (
    vendor_id    int NOT NULL,
    stream_epoch int NOT NULL,
    stream_seq   bigint NOT NULL,
    message_id   text NOT NULL,
    source       text NOT NULL,
    expires_at   timestamptz NOT NULL,
    decided_at   timestamptz NOT NULL,
    PRIMARY KEY (vendor_id, stream_epoch, stream_seq)
  )`.execute(db);
  await sql`CREATE TABLE ledger.dead_letters (
    lane           int NOT NULL,
    stream_epoch   int NOT NULL,
    stream_seq     bigint NOT NULL,
    time_ms        bigint NOT NULL,
    subject        text NOT NULL,
    message_id     text,
    reason         text NOT NULL,
    detail         text NOT NULL,
    headers        text NOT NULL,
    payload        bytea NOT NULL,
    created_at     timestamptz NOT NULL DEFAULT clock_timestamp(),
    published      boolean NOT NULL DEFAULT false,
    resubmitted_as text,
    PRIMARY KEY (lane, stream_epoch, stream_seq)
  )`.execute(db);
  await sql`CREATE INDEX dead_letters_unpublished ON ledger.dead_letters (lane) WHERE NOT published`.execute(
    db,
  );
}
