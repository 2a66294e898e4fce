-- Vendor ids with the gateway's own settings, API tokens, and the console's operators with their audit log.
-- Balances and names of vendors are the ledger's.

CREATE SEQUENCE gateway.vendor_ids AS int MINVALUE 1;

CREATE TABLE gateway.vendors (
  id                      int PRIMARY KEY CHECK (id > 0),
  -- The Idempotency-Key of the admin's request that created the vendor: a repeat finds the vendor by it.
  creation_key            text UNIQUE,
  -- Requests per window; null: the configured default.
  rate_limit              int CHECK (rate_limit > 0),
  -- Null: the configured default.
  require_idempotency_key boolean,
  created_by              text NOT NULL,
  created_at              timestamptz NOT NULL DEFAULT now()
);

-- A token's last use is written every few minutes. Free room on each page keeps the new row version there, so that
-- the table's three indexes need no new entry (docs/capacity.md).
CREATE TABLE gateway.tokens (
  id           int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  -- SHA-256 of the token: 256 random bits need no salt, and one index probe finds them.
  hash         bytea NOT NULL UNIQUE CHECK (octet_length(hash) = 32),
  role         text NOT NULL CHECK (role IN ('vendor', 'admin')),
  vendor_id    int REFERENCES gateway.vendors,
  name         text NOT NULL CHECK (length(name) BETWEEN 1 AND 80),
  read_only    boolean NOT NULL DEFAULT false,
  created_by   text NOT NULL,
  created_at   timestamptz NOT NULL DEFAULT now(),
  expires_at   timestamptz,
  revoked_at   timestamptz,
  last_used_at timestamptz,
  CONSTRAINT vendor_token_has_vendor CHECK ((role = 'vendor') = (vendor_id IS NOT NULL))
) WITH (fillfactor = 70);
-- A vendor's tokens in the order of their creation.
CREATE INDEX tokens_by_vendor ON gateway.tokens (vendor_id, id);

CREATE TABLE gateway.operators (
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

CREATE TABLE gateway.operator_acts (
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
  completes  bigint UNIQUE REFERENCES gateway.operator_acts,
  CONSTRAINT end_completes_act CHECK (completes IS NULL OR stage <> 'asked')
);
-- The audit log of one target and of one operator; people act seldom, so the cost of two indexes does not show.
CREATE INDEX operator_acts_by_target ON gateway.operator_acts (target, id);
CREATE INDEX operator_acts_by_operator ON gateway.operator_acts (operator, id);

-- The database itself refuses a changed audit log.

CREATE FUNCTION gateway.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'gateway.% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON gateway.operator_acts
  FOR EACH STATEMENT EXECUTE FUNCTION gateway.refuse_change();

-- The least that the service needs. Nothing is deleted; a token changes only in its last use and its end.

REVOKE ALL ON SCHEMA gateway FROM PUBLIC;
GRANT USAGE ON SCHEMA gateway TO b2b_gateway;
GRANT USAGE ON SEQUENCE gateway.vendor_ids TO b2b_gateway;
GRANT SELECT, INSERT ON gateway.vendors, gateway.tokens, gateway.operators, gateway.operator_acts TO b2b_gateway;
GRANT UPDATE (rate_limit, require_idempotency_key) ON gateway.vendors TO b2b_gateway;
GRANT UPDATE (revoked_at, last_used_at) ON gateway.tokens TO b2b_gateway;
GRANT UPDATE (password_hash, role, enabled, generation, last_signed_in_at) ON gateway.operators TO b2b_gateway;
