-- The books: lanes of the command log, vendors, transactions, and commands that were not executed.

CREATE TABLE ledger.settings (name text PRIMARY KEY, value text NOT NULL);

CREATE TABLE ledger.processes (
  process_id  text PRIMARY KEY,
  lease_until timestamptz NOT NULL
);

-- Every batch updates a handful of these rows: most of each page stays free, so that updates stay on it.
CREATE TABLE ledger.lanes (
  lane              int PRIMARY KEY CHECK (lane >= 0),
  epoch             bigint NOT NULL DEFAULT 0,
  owner             text,
  lease_until       timestamptz NOT NULL DEFAULT '-infinity',
  stream_epoch      int NOT NULL DEFAULT 1,
  cursor_seq        bigint NOT NULL DEFAULT 0,
  cursor_message_id text,
  cursor_time_ms    bigint,
  published_epoch   int NOT NULL DEFAULT 1,
  published_seq     bigint NOT NULL DEFAULT 0,
  published_at      timestamptz NOT NULL DEFAULT '-infinity',
  compared_epoch    bigint NOT NULL DEFAULT 0,
  replay_until      bigint NOT NULL DEFAULT 0,
  replay_alive_ms   bigint
) WITH (fillfactor = 20);
COMMENT ON COLUMN ledger.lanes.compared_epoch IS
  'The epoch under which the owner has compared the lane with the published events';
COMMENT ON COLUMN ledger.lanes.replay_until IS
  'Commands up to this sequence may have been decided before the database was rolled back';
COMMENT ON COLUMN ledger.lanes.replay_alive_ms IS
  'When the ledger last published an event before the database was rolled back';

-- The head of each vendor's chain, with the vendor's settings.
CREATE TABLE ledger.vendors (
  vendor_id     int PRIMARY KEY CHECK (vendor_id > 0),
  name          text NOT NULL,
  status        text NOT NULL CHECK (status IN ('active', 'suspended')),
  livemode      boolean NOT NULL,
  balance       bigint NOT NULL CHECK (balance BETWEEN 0 AND 999999999999999),
  held          bigint NOT NULL CHECK (held BETWEEN 0 AND balance),
  daily_limit   bigint CHECK (daily_limit BETWEEN 0 AND 999999999999999),
  business_day  date NOT NULL,
  charged_today bigint NOT NULL CHECK (charged_today >= 0),
  seq           bigint NOT NULL CHECK (seq > 0),
  head_hash     bytea NOT NULL CHECK (octet_length(head_hash) = 32),
  opened_at     timestamptz NOT NULL,
  updated_at    timestamptz NOT NULL
) WITH (fillfactor = 50);

-- A vendor's chain. A row stores its signed effects, so that sums need no knowledge of types.
CREATE TABLE ledger.transactions (
  vendor_id        int NOT NULL,
  stream_epoch     int NOT NULL,
  seq              bigint NOT NULL CHECK (seq > 0),
  stream_seq       bigint NOT NULL CHECK (stream_seq > 0),
  amount           bigint NOT NULL CHECK (amount BETWEEN 0 AND 999999999999999),
  balance_effect   bigint NOT NULL,
  held_effect      bigint NOT NULL,
  balance_before   bigint NOT NULL CHECK (balance_before BETWEEN 0 AND 999999999999999),
  balance_after    bigint NOT NULL CHECK (balance_after BETWEEN 0 AND 999999999999999),
  held_before      bigint NOT NULL,
  held_after       bigint NOT NULL,
  created_at       timestamptz NOT NULL,
  business_day     date NOT NULL,
  stream           smallint NOT NULL CHECK (stream >= 0),
  stream_index     smallint NOT NULL CHECK (stream_index >= 0),
  livemode         boolean NOT NULL,
  id               uuid NOT NULL,
  type             text NOT NULL
                   CHECK (type IN ('charge', 'credit', 'reversal', 'rebuild', 'open-vendor', 'update-vendor')),
  status           text NOT NULL CHECK (status IN ('posted', 'rejected')),
  fingerprint      bytea NOT NULL CHECK (octet_length(fingerprint) = 16),
  previous_hash    bytea NOT NULL CHECK (octet_length(previous_hash) = 32),
  hash             bytea NOT NULL CHECK (octet_length(hash) = 32),
  message_id       text NOT NULL,
  source           text NOT NULL,
  principal        text NOT NULL,
  phone_commitment bytea CHECK (octet_length(phone_commitment) = 32),
  phone_salt       bytea CHECK (octet_length(phone_salt) = 16),
  phone_number     text,
  reason           text,
  reference        text CHECK (char_length(reference) BETWEEN 1 AND 255),
  resolves         uuid,
  operator         text,
  details          text,
  PRIMARY KEY (vendor_id, seq),
  CONSTRAINT exactly_once UNIQUE (vendor_id, message_id),
  CONSTRAINT rejected_says_why CHECK ((status = 'rejected') = (reason IS NOT NULL)),
  CONSTRAINT charge_has_phone CHECK ((type = 'charge') = (phone_commitment IS NOT NULL)),
  CONSTRAINT phone_opens_commitment CHECK (
    CASE WHEN phone_number IS NULL THEN phone_salt IS NULL
      ELSE phone_salt IS NOT NULL AND phone_commitment IS NOT NULL
        AND phone_commitment = sha256(phone_salt || convert_to(phone_number, 'UTF8')) END),
  CONSTRAINT reversal_has_charge CHECK ((type = 'reversal') = (resolves IS NOT NULL)),
  CONSTRAINT effects_move_balance CHECK (
    balance_after = balance_before + balance_effect AND held_after = held_before + held_effect),
  CONSTRAINT held_within_balance CHECK (
    held_before BETWEEN 0 AND balance_before AND held_after BETWEEN 0 AND balance_after),
  CONSTRAINT rejected_moves_nothing CHECK (status = 'posted' OR (balance_effect = 0 AND held_effect = 0)),
  CONSTRAINT effect_within_amount CHECK (abs(balance_effect) <= amount)
);
-- A charge is reversed once.
CREATE UNIQUE INDEX transactions_reversed_once ON ledger.transactions (vendor_id, resolves)
  WHERE resolves IS NOT NULL AND status = 'posted';
-- Finds a vendor's rows by its own reference; rows without one cost nothing.
CREATE INDEX transactions_reference ON ledger.transactions (vendor_id, reference) WHERE reference IS NOT NULL;
-- Rows arrive in the order of time, so a few bytes per hundred pages find a span of time: unpublished events, the audit's
-- new rows, an operator's search over all vendors.
CREATE INDEX transactions_created_at ON ledger.transactions USING brin (created_at)
  WITH (pages_per_range = 32, autosummarize = on);

-- Commands that were too late; their keys stay free.
CREATE TABLE ledger.expirations (
  vendor_id    int NOT NULL,
  stream_epoch int NOT NULL,
  stream_seq   bigint NOT NULL,
  message_id   text NOT NULL,
  source       text NOT NULL,
  expires_at   timestamptz NOT NULL,
  decided_at   timestamptz NOT NULL,
  PRIMARY KEY (vendor_id, stream_epoch, stream_seq)
);

CREATE TABLE ledger.dead_letters (
  lane           int NOT NULL,
  stream_epoch   int NOT NULL,
  stream_seq     bigint NOT NULL,
  time_ms        bigint NOT NULL,
  subject        text NOT NULL,
  message_id     text,
  reason         text NOT NULL,
  detail         text NOT NULL,
  headers        text NOT NULL,
  payload        bytea NOT NULL,
  created_at     timestamptz NOT NULL DEFAULT clock_timestamp(),
  published      boolean NOT NULL DEFAULT false,
  resubmitted_as text,
  PRIMARY KEY (lane, stream_epoch, stream_seq)
);
CREATE INDEX dead_letters_unpublished ON ledger.dead_letters (lane) WHERE NOT published;

-- Dead letters that were sent again, by whom and why.
CREATE TABLE ledger.resubmissions (
  id           bigint GENERATED ALWAYS AS IDENTITY,
  lane         int NOT NULL,
  stream_epoch int NOT NULL,
  stream_seq   bigint NOT NULL,
  message_id   text NOT NULL,
  actor        text NOT NULL,
  origin       text,
  note         text,
  at           timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (lane, stream_epoch, stream_seq, id)
);

-- Erased phone numbers: how many rows of each table, by whom and why. The number itself is kept nowhere.
CREATE TABLE ledger.erasures (
  id     bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  actor  text NOT NULL,
  reason text NOT NULL,
  counts jsonb NOT NULL,
  at     timestamptz NOT NULL
);

-- Append-only: the one change that a transaction allows is that a phone number and its salt become null.
CREATE FUNCTION ledger.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'ledger.% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER append_only BEFORE DELETE OR TRUNCATE ON ledger.transactions
  FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger.expirations
  FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger.resubmissions
  FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger.erasures
  FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();

CREATE FUNCTION ledger.allow_erasure() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE may_erase boolean := current_user = 'b2b_eraser' AND OLD.phone_number IS NOT NULL;
BEGIN
  OLD.phone_number := NULL;
  OLD.phone_salt := NULL;
  IF NOT may_erase OR NEW IS DISTINCT FROM OLD THEN
    RAISE EXCEPTION 'ledger.transactions is append-only' USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER erasure_only BEFORE UPDATE ON ledger.transactions
  FOR EACH ROW EXECUTE FUNCTION ledger.allow_erasure();

-- A new row continues its vendor's chain.
CREATE FUNCTION ledger.check_links() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE broken record;
BEGIN
  -- The order makes the primary key the cheapest way, also by the statistics of an empty table.
  SELECT n.vendor_id, n.seq INTO broken
  FROM added n LEFT JOIN LATERAL (
    SELECT seq, balance_after, held_after, hash FROM ledger.transactions t
    WHERE t.vendor_id = n.vendor_id AND t.seq BETWEEN n.seq - 1 AND n.seq - 1 ORDER BY t.seq LIMIT 1) p ON true
  WHERE CASE WHEN n.seq = 1
    THEN n.balance_before <> 0 OR n.held_before <> 0 OR n.previous_hash <> decode(repeat('00', 32), 'hex')
    ELSE p.seq IS NULL OR p.balance_after <> n.balance_before OR p.held_after <> n.held_before
      OR p.hash <> n.previous_hash END
  LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION 'transaction % of vendor % does not continue its chain', broken.seq, broken.vendor_id
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER chain_links AFTER INSERT ON ledger.transactions REFERENCING NEW TABLE AS added
  FOR EACH STATEMENT EXECUTE FUNCTION ledger.check_links();

-- The text that each row's hash covers: docs/ledger.md lists its lines, domain/transaction.ts writes the same one.
CREATE VIEW ledger.canonical_texts AS
  SELECT vendor_id, seq, concat(
    'b2b-charge/1', E'\n', vendor_id, E'\n', seq, E'\n', id, E'\n', type, E'\n', status, E'\n', reason, E'\n', amount, E'\n',
    balance_effect, E'\n', held_effect, E'\n', balance_before, E'\n', balance_after, E'\n', held_before, E'\n',
    held_after, E'\n', encode(phone_commitment, 'hex'), E'\n', message_id, E'\n', encode(fingerprint, 'hex'), E'\n',
    principal, E'\n', source, E'\n', reference, E'\n', resolves, E'\n', operator, E'\n',
    CASE WHEN livemode THEN 'true' ELSE 'false' END, E'\n',
    encode(sha256(convert_to(details, 'UTF8')), 'hex'), E'\n', stream, E'\n', stream_epoch, E'\n', stream_seq, E'\n',
    stream_index, E'\n', to_char(business_day, 'YYYY-MM-DD'), E'\n',
    to_char(created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), E'\n', encode(previous_hash, 'hex')) AS text
  FROM ledger.transactions;

-- Rows that do not fit their chain; empty in a chain that nobody touched.
CREATE VIEW ledger.chain_breaks AS
  SELECT vendor_id, seq, id,
    hash <> sha256(convert_to(text, 'UTF8')) AS content_changed,
    seq <> coalesce(last_seq, 0) + 1 AS gap,
    (balance_before, held_before) <> (coalesce(last_balance, 0), coalesce(last_held, 0)) AS balance_jump,
    previous_hash <> coalesce(last_hash, decode(repeat('00', 32), 'hex')) AS link_broken
  FROM (
    SELECT t.vendor_id, t.seq, t.id, t.hash, t.previous_hash, t.balance_before, t.held_before, c.text,
      lag(t.seq) OVER chain AS last_seq, lag(t.balance_after) OVER chain AS last_balance,
      lag(t.held_after) OVER chain AS last_held, lag(t.hash) OVER chain AS last_hash
    FROM ledger.transactions t JOIN ledger.canonical_texts c ON c.vendor_id = t.vendor_id AND c.seq = t.seq
    WINDOW chain AS (PARTITION BY t.vendor_id ORDER BY t.seq)
  ) links
  WHERE hash <> sha256(convert_to(text, 'UTF8')) OR seq <> coalesce(last_seq, 0) + 1
    OR (balance_before, held_before) <> (coalesce(last_balance, 0), coalesce(last_held, 0))
    OR previous_hash <> coalesce(last_hash, decode(repeat('00', 32), 'hex'));

-- Double entry: an effect moves between the vendor's account and the account of the row's type.
CREATE VIEW ledger.postings AS
  SELECT vendor_id, seq, id AS transaction_id,
    CASE WHEN balance_effect < 0 THEN 'vendor:' || vendor_id ELSE type END AS debit_account,
    CASE WHEN balance_effect < 0 THEN type ELSE 'vendor:' || vendor_id END AS credit_account,
    abs(balance_effect) AS amount, created_at
  FROM ledger.transactions WHERE balance_effect <> 0;

CREATE VIEW ledger.trial_balance AS
  SELECT account, sum(debit) AS debits, sum(credit) AS credits, sum(credit) - sum(debit) AS balance
  FROM (
    SELECT debit_account AS account, amount AS debit, 0::bigint AS credit FROM ledger.postings
    UNION ALL SELECT credit_account, 0, amount FROM ledger.postings
  ) sides GROUP BY account;

-- seq has no gap and created_at never falls along it, so bisection over the primary key finds a time: no index needed.
CREATE FUNCTION ledger.seq_before(vendor int, at timestamptz) RETURNS bigint LANGUAGE plpgsql STABLE AS $$
DECLARE low bigint := 0; high bigint; middle bigint; found timestamptz;
BEGIN
  SELECT seq INTO high FROM ledger.transactions WHERE vendor_id = vendor ORDER BY seq DESC LIMIT 1;
  high := coalesce(high, 0);
  WHILE low < high LOOP
    middle := (low + high + 1) / 2;
    SELECT created_at INTO found FROM ledger.transactions WHERE vendor_id = vendor AND seq = middle;
    IF found < at THEN low := middle; ELSE high := middle - 1; END IF;
  END LOOP;
  RETURN low;
END $$;
COMMENT ON FUNCTION ledger.seq_before IS
  'The last transaction of a vendor created before an instant; 0 if there is none';

-- The role that erases phone numbers; `npx b2b erase` takes it on with the owner's rights, so it needs no password.
DO $$ BEGIN
  CREATE ROLE b2b_eraser NOLOGIN;
  GRANT b2b_eraser TO CURRENT_USER;
EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
END $$;

-- The least that each role needs. The ledger inserts transactions and can do nothing else to them.
REVOKE ALL ON SCHEMA ledger FROM PUBLIC;
GRANT USAGE ON SCHEMA ledger TO b2b_ledger, b2b_reconciler, b2b_eraser;
GRANT SELECT, INSERT ON ledger.transactions, ledger.expirations, ledger.resubmissions TO b2b_ledger;
GRANT SELECT, INSERT, UPDATE ON ledger.vendors, ledger.settings, ledger.dead_letters TO b2b_ledger;
GRANT SELECT, INSERT, UPDATE, DELETE ON ledger.lanes, ledger.processes TO b2b_ledger;
GRANT SELECT ON ledger.postings, ledger.trial_balance, ledger.chain_breaks TO b2b_ledger;
GRANT SELECT ON ALL TABLES IN SCHEMA ledger TO b2b_reconciler;
GRANT SELECT (vendor_id, seq, phone_number), UPDATE (phone_number, phone_salt) ON ledger.transactions TO b2b_eraser;
GRANT SELECT (lane, stream_epoch, stream_seq, headers, payload), UPDATE (headers, payload)
  ON ledger.dead_letters TO b2b_eraser;
GRANT INSERT ON ledger.erasures TO b2b_eraser;
