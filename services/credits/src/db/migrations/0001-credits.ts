import { type Kysely, sql } from 'kysely';

/** Requests for credit, who approved them, and the commands that an approval owes the ledger. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await createRequests(db);
  await createApprovals(db);
  await createOutbox(db);
  await createLimits(db);
  await createAuditTrail(db);
}

async function createRequests(db: Kysely<unknown>): Promise<void> {
  await sql`CREATE TYPE credits.status AS ENUM ('pending', 'approved', 'posted', 'rejected', 'cancelled')`.execute(
    db,
  );
  await sql`CREATE TABLE credits.requests (
    id               bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    vendor_id        int NOT NULL CHECK (vendor_id > 0),
    amount           bigint NOT NULL CHECK (amount BETWEEN 1 AND 9007199254740991),
    status           credits.status NOT NULL DEFAULT 'pending',
    requested_by     text NOT NULL,
    idempotency_key  text,
    approvals_needed int NOT NULL CHECK (approvals_needed IN (1, 2)),
    business_day     date NOT NULL,
    decided_by       text,
    decided_at       timestamptz,
    reason           text,
    transaction_id   uuid,
    created_at       timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT one_request_per_key UNIQUE (vendor_id, idempotency_key),
    CONSTRAINT pending_is_undecided CHECK ((status = 'pending') = (decided_at IS NULL)),
    CONSTRAINT decided_by_someone CHECK ((decided_at IS NULL) = (decided_by IS NULL)),
    CONSTRAINT posted_has_transaction CHECK (status <> 'posted' OR transaction_id IS NOT NULL),
    CONSTRAINT rejected_says_why CHECK (status <> 'rejected' OR reason IS NOT NULL)
  )`.execute(db);
  // A vendor's own list, newest first; the daily limit sums a day's rows of one vendor over it too.
  await sql`CREATE INDEX requests_of_vendor ON credits.requests (vendor_id, id)`.execute(db);
  // The queue of what waits for people or for the ledger stays small, whatever the table grows to.
  await sql`CREATE INDEX requests_open ON credits.requests (status, id)
    WHERE status IN ('pending', 'approved')`.execute(db);
}

async function createApprovals(db: Kysely<unknown>): Promise<void> {
  await sql`CREATE TABLE credits.approvals (
    request_id  bigint NOT NULL REFERENCES credits.requests,
    approved_by text NOT NULL,
    approved_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (request_id, approved_by)
  )`.execute(db);
}

async function createOutbox(db: Kysely<unknown>): Promise<void> {
  await sql`CREATE TABLE credits.outbox (
    request_id      bigint PRIMARY KEY REFERENCES credits.requests,
    vendor_id       int NOT NULL,
    amount          bigint NOT NULL,
    message_id      text NOT NULL UNIQUE,
    attempts        int NOT NULL DEFAULT 0,
    next_attempt_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    last_error      text,
    created_at      timestamptz NOT NULL DEFAULT clock_timestamp(),
    done_at         timestamptz
  )`.execute(db);
  await sql`CREATE INDEX outbox_due ON credits.outbox (next_attempt_at) WHERE done_at IS NULL`.execute(db);
}

async function createLimits(db: Kysely<unknown>): Promise<void> {
  await sql`CREATE TABLE credits.vendor_limits (
    vendor_id   int PRIMARY KEY CHECK (vendor_id > 0),
    daily_limit bigint CHECK (daily_limit >= 0),
    set_by      text NOT NULL,
    set_at      timestamptz NOT NULL DEFAULT clock_timestamp()
  )`.execute(db);
  await sql`COMMENT ON COLUMN credits.vendor_limits.daily_limit IS
    'Overrides CREDIT_DAILY_LIMIT for this vendor; null means no limit'`.execute(db);
}

async function createAuditTrail(db: Kysely<unknown>): Promise<void> {
  await sql`CREATE TABLE credits.audit_trail (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at         timestamptz NOT NULL DEFAULT clock_timestamp(),
    actor      text NOT NULL,
    origin     text,
    action     text NOT NULL,
    request_id bigint REFERENCES credits.requests,
    vendor_id  int NOT NULL,
    details    jsonb NOT NULL DEFAULT '{}'
  )`.execute(db);
  await sql`CREATE INDEX audit_trail_of_request ON credits.audit_trail (request_id, id)`.execute(db);
}
