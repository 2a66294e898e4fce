-- Vendor ids with the settings that the gateway applies, and API tokens. The back office writes both; the gateway reads.
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

-- The least that each service needs. Nothing is deleted; a token changes only in its last use and its end. The gateway,
-- which the internet reaches, can neither issue a token nor revive one.

REVOKE ALL ON SCHEMA gateway FROM PUBLIC;
GRANT USAGE ON SCHEMA gateway TO b2b_gateway, b2b_backoffice;
GRANT SELECT ON gateway.vendors, gateway.tokens TO b2b_gateway, b2b_backoffice;
GRANT UPDATE (last_used_at) ON gateway.tokens TO b2b_gateway;
GRANT USAGE ON SEQUENCE gateway.vendor_ids TO b2b_backoffice;
GRANT INSERT ON gateway.vendors, gateway.tokens TO b2b_backoffice;
GRANT UPDATE (rate_limit, require_idempotency_key) ON gateway.vendors TO b2b_backoffice;
GRANT UPDATE (revoked_at, last_used_at) ON gateway.tokens TO b2b_backoffice;
