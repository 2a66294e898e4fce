import { type Kysely, sql } from 'kysely';

/** Vendor ids and settings of the door; tokens by hash only. Balances and names are the ledger's. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`CREATE SCHEMA IF NOT EXISTS gateway`.execute(db);
  await sql`CREATE SEQUENCE gateway.vendor_ids AS integer MINVALUE 1`.execute(db);
  await sql`
    CREATE TABLE gateway.vendors (
      id integer PRIMARY KEY CHECK (id > 0),
      -- The Idempotency-Key under which an admin created the vendor: a repeat finds it again.
      creation_key text UNIQUE,
      -- Requests per window; null takes the configured default.
      rate_limit integer CHECK (rate_limit > 0),
      -- Null takes the configured default.
      require_idempotency_key boolean,
      created_by text NOT NULL,
      created_at timestamptz NOT NULL DEFAULT now()
    )`.execute(db);
  await sql`
    CREATE TABLE gateway.tokens (
      id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      -- SHA-256 of the token: 256 random bits need no salt, and one index probe finds them.
      hash bytea NOT NULL UNIQUE CHECK (octet_length(hash) = 32),
      role text NOT NULL CHECK (role IN ('vendor', 'admin')),
      vendor_id integer REFERENCES gateway.vendors (id),
      name text NOT NULL CHECK (length(name) BETWEEN 1 AND 80),
      read_only boolean NOT NULL DEFAULT false,
      created_by text NOT NULL,
      created_at timestamptz NOT NULL DEFAULT now(),
      expires_at timestamptz,
      revoked_at timestamptz,
      last_used_at timestamptz,
      CHECK ((role = 'vendor') = (vendor_id IS NOT NULL))
    )`.execute(db);
  await sql`CREATE INDEX tokens_by_vendor ON gateway.tokens (vendor_id, id)`.execute(db);
  await sql`GRANT USAGE ON SCHEMA gateway TO b2b_gateway`.execute(db);
  await sql`GRANT USAGE ON SEQUENCE gateway.vendor_ids TO b2b_gateway`.execute(db);
  // Nothing is ever deleted; a token changes only in its last use and its end.
  await sql`GRANT SELECT, INSERT ON gateway.vendors, gateway.tokens TO b2b_gateway`.execute(db);
  await sql`GRANT UPDATE (rate_limit, require_idempotency_key) ON gateway.vendors TO b2b_gateway`.execute(db);
  await sql`GRANT UPDATE (revoked_at, last_used_at) ON gateway.tokens TO b2b_gateway`.execute(db);
}
