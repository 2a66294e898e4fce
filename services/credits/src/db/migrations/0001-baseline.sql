-- Credit requests, their approvals, the commands that an approval owes the ledger, limits and the audit log.

CREATE TABLE credits.requests (
  id               bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  vendor_id        int NOT NULL CHECK (vendor_id > 0),
  amount           bigint NOT NULL CHECK (amount BETWEEN 1 AND 999999999999999),
  status           text NOT NULL DEFAULT 'pending'
    CHECK (status IN ('pending', 'approved', 'posted', 'rejected', 'cancelled')),
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
  CONSTRAINT decision_has_author CHECK ((decided_at IS NULL) = (decided_by IS NULL)),
  CONSTRAINT posted_has_transaction CHECK (status <> 'posted' OR transaction_id IS NOT NULL),
  CONSTRAINT rejected_says_why CHECK (status <> 'rejected' OR reason IS NOT NULL)
);
-- A vendor's own list, newest first; the daily limit sums one vendor's rows of a day over it too.
CREATE INDEX requests_of_vendor ON credits.requests (vendor_id, id);
-- The queue of requests that wait for approvers or for the ledger stays small while the table grows.
CREATE INDEX requests_open ON credits.requests (status, id) WHERE status IN ('pending', 'approved');

CREATE TABLE credits.approvals (
  request_id  bigint NOT NULL REFERENCES credits.requests,
  approved_by text NOT NULL,
  approved_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (request_id, approved_by)
);

CREATE TABLE credits.outbox (
  request_id      bigint PRIMARY KEY REFERENCES credits.requests,
  vendor_id       int NOT NULL,
  amount          bigint NOT NULL CHECK (amount BETWEEN 1 AND 999999999999999),
  message_id      text NOT NULL UNIQUE,
  principal       text NOT NULL,
  traceparent     text,
  attempts        int NOT NULL DEFAULT 0,
  next_attempt_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  last_error      text,
  created_at      timestamptz NOT NULL DEFAULT clock_timestamp(),
  done_at         timestamptz
);
COMMENT ON COLUMN credits.outbox.principal IS 'Who gave the last approval, as the ledger records it';
COMMENT ON COLUMN credits.outbox.traceparent IS
  'W3C trace context of the request that approved; null if it had none';
-- The sender polls for due commands; commands that are done never enter its index again.
CREATE INDEX outbox_due ON credits.outbox (next_attempt_at) WHERE done_at IS NULL;

CREATE TABLE credits.vendor_limits (
  vendor_id   int PRIMARY KEY CHECK (vendor_id > 0),
  daily_limit bigint CHECK (daily_limit BETWEEN 0 AND 999999999999999),
  set_by      text NOT NULL,
  set_at      timestamptz NOT NULL DEFAULT clock_timestamp()
);
COMMENT ON COLUMN credits.vendor_limits.daily_limit IS
  'Overrides CREDIT_DAILY_LIMIT for this vendor; null means no limit';

CREATE TABLE credits.audit_trail (
  id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  at         timestamptz NOT NULL DEFAULT clock_timestamp(),
  actor      text NOT NULL,
  origin     text,
  action     text NOT NULL,
  request_id bigint REFERENCES credits.requests,
  vendor_id  int NOT NULL,
  details    jsonb NOT NULL DEFAULT '{}'
);
-- The audit log of one request, oldest first.
CREATE INDEX audit_trail_of_request ON credits.audit_trail (request_id, id);

-- The database itself refuses a changed audit log, a changed amount and a decision that is taken back.

CREATE FUNCTION credits.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'credits.% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON credits.approvals
  FOR EACH STATEMENT EXECUTE FUNCTION credits.refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON credits.audit_trail
  FOR EACH STATEMENT EXECUTE FUNCTION credits.refuse_change();

CREATE FUNCTION credits.check_decision() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF (NEW.vendor_id, NEW.amount, NEW.requested_by) <> (OLD.vendor_id, OLD.amount, OLD.requested_by) THEN
    RAISE EXCEPTION 'credit request % cannot change what was asked', OLD.id
      USING ERRCODE = 'restrict_violation';
  END IF;
  IF NEW.status <> OLD.status AND NOT (
    OLD.status = 'pending' AND NEW.status IN ('approved', 'rejected', 'cancelled')
    OR OLD.status = 'approved' AND NEW.status IN ('posted', 'rejected')) THEN
    RAISE EXCEPTION 'credit request % cannot go from % to %', OLD.id, OLD.status, NEW.status
      USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER one_way BEFORE UPDATE ON credits.requests
  FOR EACH ROW EXECUTE FUNCTION credits.check_decision();

-- The least that each role needs: no role deletes, approvals and audit log only grow, the reconciler reads.

REVOKE ALL ON SCHEMA credits FROM PUBLIC;
GRANT USAGE ON SCHEMA credits TO b2b_credits, b2b_reconciler;
GRANT SELECT, INSERT ON credits.approvals, credits.audit_trail TO b2b_credits;
GRANT SELECT, INSERT, UPDATE ON credits.requests, credits.outbox, credits.vendor_limits TO b2b_credits;
GRANT SELECT ON ALL TABLES IN SCHEMA credits TO b2b_reconciler;
