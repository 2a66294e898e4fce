-- Endpoints with their sealed secrets, the deliveries owed to each, and the audit log.

CREATE TABLE webhooks.endpoints (
  id              int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  vendor_id       int NOT NULL CHECK (vendor_id > 0),
  url             text NOT NULL CHECK (length(url) <= 2048),
  event_types     text[] NOT NULL CHECK (cardinality(event_types) > 0),
  description     text,
  enabled         boolean NOT NULL DEFAULT true,
  disabled_reason text CHECK (disabled_reason IN ('by-hand', 'failing', 'gone')),
  pending         int NOT NULL DEFAULT 0 CHECK (pending >= 0),
  due_at          timestamptz,
  lease_token     uuid,
  lease_until     timestamptz,
  failures        int NOT NULL DEFAULT 0,
  failing_since   timestamptz,
  last_success_at timestamptz,
  last_error      text,
  created_by      text NOT NULL,
  created_at      timestamptz NOT NULL DEFAULT clock_timestamp(),
  updated_at      timestamptz NOT NULL DEFAULT clock_timestamp(),
  deleted_at      timestamptz,
  CONSTRAINT disabled_says_why CHECK (enabled = (disabled_reason IS NULL)),
  CONSTRAINT deleted_is_disabled CHECK (deleted_at IS NULL OR NOT enabled),
  CONSTRAINT lease_is_whole CHECK ((lease_token IS NULL) = (lease_until IS NULL))
);
COMMENT ON COLUMN webhooks.endpoints.due_at IS 'When the next attempt may be made; null if no delivery waits';
-- A vendor's own endpoints: every event reads them.
CREATE INDEX endpoints_of_vendor ON webhooks.endpoints (vendor_id) WHERE deleted_at IS NULL;
-- The queue holds only endpoints with a delivery that waits.
CREATE INDEX endpoints_due ON webhooks.endpoints (due_at) WHERE enabled AND due_at IS NOT NULL;

CREATE TABLE webhooks.secrets (
  id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  endpoint_id int NOT NULL REFERENCES webhooks.endpoints,
  sealed      bytea NOT NULL,
  expires_at  timestamptz,
  created_at  timestamptz NOT NULL DEFAULT clock_timestamp()
);
-- Every attempt reads its endpoint's secrets.
CREATE INDEX secrets_of_endpoint ON webhooks.secrets (endpoint_id);

CREATE TABLE webhooks.deliveries (
  id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  endpoint_id     int NOT NULL REFERENCES webhooks.endpoints,
  vendor_id       int NOT NULL,
  event_id        text NOT NULL,
  type            text NOT NULL,
  body            text NOT NULL,
  state           text NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'delivered', 'dead')),
  attempts        int NOT NULL DEFAULT 0,
  last_status     int,
  last_error      text,
  created_at      timestamptz NOT NULL DEFAULT clock_timestamp(),
  retry_until     timestamptz NOT NULL,
  last_attempt_at timestamptz,
  finished_at     timestamptz,
  CONSTRAINT one_delivery_per_event UNIQUE (endpoint_id, event_id),
  CONSTRAINT finished_is_known CHECK ((state = 'pending') = (finished_at IS NULL))
);
-- An endpoint's queue in the order of the events, because ids grow in that order.
CREATE INDEX deliveries_waiting ON webhooks.deliveries (endpoint_id, id) WHERE state = 'pending';
-- Operators list and replay dead deliveries of all vendors.
CREATE INDEX deliveries_dead ON webhooks.deliveries (id) WHERE state = 'dead';
-- The janitor deletes deliveries by their state and age.
CREATE INDEX deliveries_finished ON webhooks.deliveries (state, finished_at) WHERE state <> 'pending';
-- A vendor's own list, newest first.
CREATE INDEX deliveries_of_vendor ON webhooks.deliveries (vendor_id, id);

CREATE TABLE webhooks.leases (
  name  text PRIMARY KEY,
  owner uuid NOT NULL,
  until timestamptz NOT NULL
);

CREATE TABLE webhooks.audit_trail (
  id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  at          timestamptz NOT NULL DEFAULT clock_timestamp(),
  actor       text NOT NULL,
  origin      text,
  action      text NOT NULL,
  endpoint_id int,
  vendor_id   int,
  details     jsonb NOT NULL DEFAULT '{}'
);

-- The database itself refuses a changed audit log.

CREATE FUNCTION webhooks.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'webhooks.% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON webhooks.audit_trail
  FOR EACH STATEMENT EXECUTE FUNCTION webhooks.refuse_change();

-- The least that the service needs; the audit log only grows.

REVOKE ALL ON SCHEMA webhooks FROM PUBLIC;
GRANT USAGE ON SCHEMA webhooks TO b2b_webhooks;
GRANT SELECT, INSERT, UPDATE, DELETE ON webhooks.endpoints, webhooks.secrets, webhooks.deliveries TO b2b_webhooks;
GRANT SELECT, INSERT, UPDATE ON webhooks.leases TO b2b_webhooks;
GRANT SELECT, INSERT ON webhooks.audit_trail TO b2b_webhooks;
-- `npx b2b erase` takes a phone number out of what was or will be sent.
GRANT USAGE ON SCHEMA webhooks TO b2b_eraser;
GRANT SELECT (id, body), UPDATE (body) ON webhooks.deliveries TO b2b_eraser;
