-- The auditor's keys, runs and findings, and the signed states that it has attested.

CREATE TABLE reconciler.keys (
  key_id     text PRIMARY KEY,
  public_key text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

-- One row: a run raises the fence, and an older run that finds it raised writes nothing more.
CREATE TABLE reconciler.run_fence (
  name      text PRIMARY KEY,
  fence     bigint NOT NULL DEFAULT 0,
  holder    text,
  raised_at timestamptz
);
INSERT INTO reconciler.run_fence (name) VALUES ('audit');

CREATE TABLE reconciler.runs (
  run_id        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  mode          text NOT NULL CHECK (mode IN ('incremental', 'full')),
  vendor_id     int,
  trigger       text NOT NULL,
  started_by    text NOT NULL,
  fence         bigint NOT NULL,
  status        text NOT NULL DEFAULT 'running'
    CHECK (status IN ('running', 'verified', 'minor', 'critical', 'failed')),
  scheduled_for timestamptz,
  started_at    timestamptz NOT NULL DEFAULT clock_timestamp(),
  finished_at   timestamptz,
  progress      jsonb NOT NULL DEFAULT '{}',
  report        jsonb,
  error         text,
  published_seq bigint,
  CONSTRAINT finished_says_so CHECK ((status = 'running') = (finished_at IS NULL))
);
-- The retention deletes runs by their start.
CREATE INDEX runs_by_start ON reconciler.runs (started_at);
-- A scheduled instant has one run, however many replicas wake up for it.
CREATE UNIQUE INDEX runs_once ON reconciler.runs (trigger, scheduled_for) WHERE scheduled_for IS NOT NULL;

CREATE TABLE reconciler.findings (
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
);
-- A vendor's findings after a given run.
CREATE INDEX findings_of_vendor ON reconciler.findings (vendor_id, run_id);

CREATE TABLE reconciler.checkpoints (
  checkpoint_id bigint PRIMARY KEY,
  run_id        bigint,
  taken_at      timestamptz NOT NULL,
  -- What the statement's commitment opens to. No vendor sees it, because it tells of the other vendors.
  sums          text NOT NULL,
  salt          bytea NOT NULL CHECK (octet_length(salt) = 32),
  statement     text NOT NULL,
  key_id        text NOT NULL REFERENCES reconciler.keys,
  signature     bytea NOT NULL CHECK (octet_length(signature) = 64)
);

-- A vendor's row of a checkpoint is written only if it differs from the row before. A checkpoint's statement covers its
-- heads, so they are written first, and the reference is checked at the commit.
CREATE TABLE reconciler.heads (
  vendor_id     int NOT NULL,
  checkpoint_id bigint NOT NULL REFERENCES reconciler.checkpoints DEFERRABLE INITIALLY DEFERRED,
  seq           bigint NOT NULL,
  balance       bigint NOT NULL,
  held          bigint NOT NULL,
  hash          bytea NOT NULL CHECK (octet_length(hash) = 32),
  charged_day   date,
  charged       bigint NOT NULL,
  added_all     numeric NOT NULL,
  taken_all     numeric NOT NULL,
  status        text NOT NULL,
  daily_limit   bigint,
  -- Part of the leaf: a root over few heads could otherwise be tried out with guesses.
  salt          uuid NOT NULL DEFAULT gen_random_uuid()
);
-- Each vendor's newest head first.
CREATE UNIQUE INDEX heads_newest ON reconciler.heads (vendor_id, checkpoint_id DESC);
-- The heads of one checkpoint.
CREATE INDEX heads_of_checkpoint ON reconciler.heads (checkpoint_id, vendor_id);

-- Heads of a run in progress; its end makes them a checkpoint. A crash that loses them costs nothing.
CREATE UNLOGGED TABLE reconciler.staged_heads (
  run_id       bigint NOT NULL REFERENCES reconciler.runs ON DELETE CASCADE,
  vendor_id    int NOT NULL,
  seq          bigint NOT NULL,
  balance      bigint NOT NULL,
  held         bigint NOT NULL,
  hash         bytea NOT NULL,
  charged_day  date NOT NULL,
  charged      bigint NOT NULL,
  added_all    numeric NOT NULL,
  taken_all    numeric NOT NULL,
  status       text NOT NULL,
  daily_limit  bigint,
  PRIMARY KEY (run_id, vendor_id)
);

CREATE TABLE reconciler.log_positions (
  lane         int PRIMARY KEY,
  stream_epoch int NOT NULL,
  seq          bigint NOT NULL
);
COMMENT ON COLUMN reconciler.log_positions.seq IS
  'Commands of this lane up to here were compared with the books';

CREATE TABLE reconciler.log_audited (
  one         boolean PRIMARY KEY DEFAULT true CHECK (one),
  seq         bigint NOT NULL,
  run_id      bigint NOT NULL,
  trimmed_seq bigint NOT NULL DEFAULT 0
);
COMMENT ON COLUMN reconciler.log_audited.seq IS
  'Every command of the log up to here was compared; commands older than the retention may leave the log';

-- The streams that the audits go by. The first audit of a system writes them; only a restart of the checkpoints changes them.
CREATE TABLE reconciler.streams (
  name          text PRIMARY KEY,
  created       text NOT NULL,
  registered_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

-- The auditor writes in its own schema only. Checkpoints never change; only the retention removes runs and heads.
-- The baselines of ledger and credits grant it the right to read them.

REVOKE ALL ON SCHEMA reconciler FROM PUBLIC;
GRANT USAGE ON SCHEMA reconciler TO b2b_reconciler;
GRANT SELECT, INSERT ON reconciler.keys, reconciler.checkpoints TO b2b_reconciler;
GRANT SELECT, UPDATE ON reconciler.run_fence TO b2b_reconciler;
GRANT SELECT, INSERT, UPDATE ON reconciler.streams TO b2b_reconciler;
GRANT SELECT, INSERT, UPDATE, DELETE ON reconciler.runs, reconciler.findings, reconciler.log_positions,
  reconciler.log_audited TO b2b_reconciler;
GRANT SELECT, INSERT, DELETE ON reconciler.heads, reconciler.staged_heads TO b2b_reconciler;
