import { type Kysely, sql } from 'kysely';

/** What the auditor remembers: its keys, its runs and findings, and the signed states it has vouched for. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await createKeys(db);
  await createRuns(db);
  await createCheckpoints(db);
  await createLogPositions(db);
}

async function createKeys(db: Kysely<unknown>): Promise<void> {
  await sql`CREATE TABLE reconciler.keys (
    key_id     text PRIMARY KEY,
    public_key text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp()
  )`.execute(db);
}

async function createRuns(db: Kysely<unknown>): Promise<void> {
  // One row: whoever runs raises the fence, and whoever finds it raised writes nothing any more.
  await sql`CREATE TABLE reconciler.run_fence (
    name       text PRIMARY KEY,
    fence      bigint NOT NULL DEFAULT 0,
    holder     text,
    raised_at  timestamptz
  )`.execute(db);
  await sql`INSERT INTO reconciler.run_fence (name) VALUES ('audit')`.execute(db);
  await sql`CREATE TABLE reconciler.runs (
    run_id      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    mode        text NOT NULL CHECK (mode IN ('incremental', 'full')),
    vendor_id   int,
    trigger     text NOT NULL,
    started_by  text NOT NULL,
    fence       bigint NOT NULL,
    status      text NOT NULL DEFAULT 'running'
      CHECK (status IN ('running', 'verified', 'minor', 'critical', 'failed')),
    started_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
    finished_at timestamptz,
    progress    jsonb NOT NULL DEFAULT '{}',
    report      jsonb,
    error       text,
    CONSTRAINT finished_says_so CHECK ((status = 'running') = (finished_at IS NULL))
  )`.execute(db);
  await sql`CREATE INDEX runs_by_start ON reconciler.runs (started_at)`.execute(db);
  await sql`CREATE TABLE reconciler.findings (
    run_id         bigint NOT NULL REFERENCES reconciler.runs ON DELETE CASCADE,
    number         int NOT NULL,
    check_name     text NOT NULL,
    level          text NOT NULL CHECK (level IN ('MINOR_DISCREPANCY', 'CRITICAL')),
    vendor_id      int,
    seq            bigint,
    transaction_id uuid,
    expected       text NOT NULL,
    found          text NOT NULL,
    message        text NOT NULL,
    advice         text NOT NULL,
    fixed          boolean NOT NULL DEFAULT false,
    PRIMARY KEY (run_id, number)
  )`.execute(db);
  await sql`CREATE INDEX findings_of_vendor ON reconciler.findings (vendor_id, run_id)`.execute(db);
}

async function createCheckpoints(db: Kysely<unknown>): Promise<void> {
  await sql`CREATE TABLE reconciler.checkpoints (
    checkpoint_id bigint PRIMARY KEY,
    run_id        bigint,
    taken_at      timestamptz NOT NULL,
    statement     text NOT NULL,
    key_id        text NOT NULL REFERENCES reconciler.keys,
    signature     bytea NOT NULL CHECK (octet_length(signature) = 64)
  )`.execute(db);
  // A vendor's row of a checkpoint is written only when it differs from the one before.
  await sql`CREATE TABLE reconciler.heads (
    vendor_id     int NOT NULL,
    checkpoint_id bigint NOT NULL REFERENCES reconciler.checkpoints,
    seq           bigint NOT NULL,
    balance       bigint NOT NULL,
    hash          bytea NOT NULL CHECK (octet_length(hash) = 32),
    charged_day   date,
    charged       bigint NOT NULL,
    credited_all  numeric NOT NULL,
    charged_all   numeric NOT NULL,
    reversed_all  numeric NOT NULL,
    PRIMARY KEY (vendor_id, checkpoint_id)
  )`.execute(db);
}

async function createLogPositions(db: Kysely<unknown>): Promise<void> {
  await sql`CREATE TABLE reconciler.log_positions (
    lane         int PRIMARY KEY,
    stream_epoch int NOT NULL,
    seq          bigint NOT NULL
  )`.execute(db);
  await sql`COMMENT ON COLUMN reconciler.log_positions.seq IS
    'Commands of this lane up to here were compared with the books'`.execute(db);
  await sql`CREATE TABLE reconciler.log_audited (
    one         boolean PRIMARY KEY DEFAULT true CHECK (one),
    seq         bigint NOT NULL,
    run_id      bigint NOT NULL,
    trimmed_seq bigint NOT NULL DEFAULT 0
  )`.execute(db);
  await sql`COMMENT ON COLUMN reconciler.log_audited.seq IS
    'Every command of the log up to here was compared; what is older than the retention may leave the log'`.execute(
    db,
  );
}
