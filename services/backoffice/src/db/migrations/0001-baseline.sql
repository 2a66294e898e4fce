-- The console's operators with their audit log. Vendors' settings and API tokens, which the back office writes and the
-- gateway reads, are in the schema of the gateway.

CREATE TABLE backoffice.operators (
  id                int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  username          text NOT NULL UNIQUE CHECK (username ~ '^[a-z][a-z0-9._-]{1,39}$'),
  -- scrypt with its cost and its salt: console/operators/passwords.ts.
  password_hash     text NOT NULL CHECK (password_hash LIKE 'scrypt$%'),
  role              text NOT NULL CHECK (role IN ('admin', 'approver', 'auditor')),
  enabled           boolean NOT NULL DEFAULT true,
  -- Sessions of an earlier generation have ended.
  generation        int NOT NULL DEFAULT 1,
  created_by        text NOT NULL,
  created_at        timestamptz NOT NULL DEFAULT now(),
  last_signed_in_at timestamptz
);

CREATE TABLE backoffice.operator_acts (
  id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  at         timestamptz NOT NULL DEFAULT clock_timestamp(),
  operator   text NOT NULL,
  act        text NOT NULL,
  target     text NOT NULL,
  address    text NOT NULL,
  request_id text NOT NULL,
  details    jsonb NOT NULL DEFAULT '{}',
  -- An act is recorded before it is done, and a second row records its end.
  stage      text NOT NULL CHECK (stage IN ('asked', 'done', 'refused', 'failed')),
  completes  bigint UNIQUE REFERENCES backoffice.operator_acts,
  CONSTRAINT end_completes_act CHECK (completes IS NULL OR stage <> 'asked')
);
-- The audit log of one target and of one operator; people act seldom, so the cost of two indexes does not show.
CREATE INDEX operator_acts_by_target ON backoffice.operator_acts (target, id);
CREATE INDEX operator_acts_by_operator ON backoffice.operator_acts (operator, id);

-- The database itself refuses a changed audit log.

CREATE FUNCTION backoffice.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'backoffice.% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON backoffice.operator_acts
  FOR EACH STATEMENT EXECUTE FUNCTION backoffice.refuse_change();

-- The least that the service needs. Nothing is deleted.

REVOKE ALL ON SCHEMA backoffice FROM PUBLIC;
GRANT USAGE ON SCHEMA backoffice TO b2b_backoffice;
GRANT SELECT, INSERT ON backoffice.operators, backoffice.operator_acts TO b2b_backoffice;
GRANT UPDATE (password_hash, role, enabled, generation, last_signed_in_at) ON backoffice.operators TO b2b_backoffice;
