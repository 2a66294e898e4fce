import { type Kysely, sql } from 'kysely';

/** Operators of the console, and the trail of what they did, which only grows. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await createOperators(db);
  await createTrail(db);
}

async function createOperators(db: Kysely<unknown>): Promise<void> {
  await sql`
    CREATE TABLE gateway.operators (
      id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      username text NOT NULL UNIQUE CHECK (username ~ '^[a-z][a-z0-9._-]{1,39}$'),
      -- scrypt with its cost and its salt: console/operators/passwords.ts.
      password_hash text NOT NULL CHECK (password_hash LIKE 'scrypt$%'),
      role text NOT NULL CHECK (role IN ('admin', 'approver', 'auditor')),
      enabled boolean NOT NULL DEFAULT true,
      -- Sessions of an earlier generation have ended.
      generation integer NOT NULL DEFAULT 1,
      created_by text NOT NULL,
      created_at timestamptz NOT NULL DEFAULT now(),
      last_signed_in_at timestamptz
    )`.execute(db);
  await sql`GRANT SELECT, INSERT ON gateway.operators TO b2b_gateway`.execute(db);
  await sql`GRANT UPDATE (password_hash, role, enabled, generation, last_signed_in_at)
    ON gateway.operators TO b2b_gateway`.execute(db);
}

async function createTrail(db: Kysely<unknown>): Promise<void> {
  await sql`
    CREATE TABLE gateway.operator_acts (
      id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      at timestamptz NOT NULL DEFAULT clock_timestamp(),
      operator text NOT NULL,
      act text NOT NULL,
      target text NOT NULL,
      address text NOT NULL,
      request_id text NOT NULL,
      details jsonb NOT NULL DEFAULT '{}',
      -- An act is written down before it is done, and again with its end.
      stage text NOT NULL CHECK (stage IN ('asked', 'done', 'refused', 'failed')),
      completes bigint UNIQUE REFERENCES gateway.operator_acts (id),
      CHECK (completes IS NULL OR stage <> 'asked')
    )`.execute(db);
  // For the trail of one thing, and of one person; people act seldom, so the cost does not show.
  await sql`CREATE INDEX operator_acts_by_target ON gateway.operator_acts (target, id)`.execute(db);
  await sql`CREATE INDEX operator_acts_by_operator ON gateway.operator_acts (operator, id)`.execute(db);
  await sql`CREATE FUNCTION gateway.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      RAISE EXCEPTION 'gateway.% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
    END $$`.execute(db);
  await sql`CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON gateway.operator_acts
    FOR EACH STATEMENT EXECUTE FUNCTION gateway.refuse_change()`.execute(db);
  await sql`GRANT SELECT, INSERT ON gateway.operator_acts TO b2b_gateway`.execute(db);
}
