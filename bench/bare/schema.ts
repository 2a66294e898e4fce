import { LANES } from './extras.ts';

/** 10¹² minor units each: no load empties it. */
export const OPENING_BALANCE = 1_000_000_000_000;

/** The tables of the bare shape; in the schema of the service's, so that the meter finds them by the same names. */
export const BARE_SCHEMA = `
CREATE SCHEMA ledger;
CREATE TABLE ledger.vendors (
  vendor_id int PRIMARY KEY,
  balance   bigint NOT NULL,
  seq       bigint NOT NULL,
  head_hash bytea NOT NULL
) WITH (fillfactor = 50);
CREATE TABLE ledger.transactions (
  vendor_id      int NOT NULL,
  seq            bigint NOT NULL,
  amount         bigint NOT NULL,
  balance_before bigint NOT NULL,
  balance_after  bigint NOT NULL CHECK (balance_after >= 0),
  created_at     timestamptz NOT NULL DEFAULT now(),
  previous_hash  bytea NOT NULL,
  hash           bytea NOT NULL,
  message_id     text NOT NULL,
  PRIMARY KEY (vendor_id, seq),
  UNIQUE (vendor_id, message_id)
);
CREATE TABLE ledger.lanes (lane int PRIMARY KEY, epoch int NOT NULL, cursor_seq bigint NOT NULL);
INSERT INTO ledger.lanes SELECT lane, 1, 0 FROM generate_series(0, ${LANES - 1}) lane;
`;

/** What \`row\` adds. */
export const ROW_SCHEMA = `
ALTER TABLE ledger.transactions
  ADD id uuid, ADD phone_number text, ADD phone_salt bytea, ADD phone_commitment bytea, ADD fingerprint bytea,
  ADD principal text, ADD traceparent text, ADD stream_seq bigint,
  ADD type text DEFAULT 'charge', ADD status text DEFAULT 'posted', ADD source text DEFAULT 'gateway',
  ADD livemode boolean DEFAULT true, ADD business_day date DEFAULT current_date, ADD held_before bigint DEFAULT 0,
  ADD held_after bigint DEFAULT 0, ADD balance_effect bigint, ADD stream smallint DEFAULT 0,
  ADD stream_epoch int DEFAULT 1, ADD stream_index smallint DEFAULT 0,
  ADD CHECK (phone_commitment = sha256(phone_salt || convert_to(phone_number, 'UTF8')));
CREATE INDEX ON ledger.transactions USING brin (created_at) WITH (pages_per_range = 32, autosummarize = on);
`;

const MOVE = `
  moved AS (
    UPDATE ledger.vendors v SET balance = n.balance, seq = n.seq, head_hash = n.hash
    FROM unnest($9::int[], $10::bigint[], $11::bigint[], $12::bytea[]) AS n (vendor_id, balance, seq, hash)
    WHERE v.vendor_id = n.vendor_id)
  UPDATE ledger.lanes l SET cursor_seq = n.seq
  FROM unnest($13::int[], $14::bigint[]) AS n (lane, seq) WHERE l.lane = n.lane`;

const COLUMNS = 'vendor_id, seq, message_id, amount, balance_before, balance_after, previous_hash, hash';
const ARRAYS =
  '$1::int[], $2::bigint[], $3::text[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bytea[], $8::bytea[]';

/** Rows, heads and cursors of a batch in one statement. */
export const WRITE = {
  name: 'write',
  text: `WITH added AS (INSERT INTO ledger.transactions (${COLUMNS}) SELECT * FROM unnest(${ARRAYS})),${MOVE}`,
};

export const WRITE_WIDE = {
  name: 'write-wide',
  text: `WITH added AS (
    INSERT INTO ledger.transactions (${COLUMNS}, id, phone_number, phone_salt, phone_commitment, fingerprint,
      principal, traceparent, stream_seq, balance_effect)
    SELECT n.*, -n.amount FROM unnest(${ARRAYS}, $15::uuid[], $16::text[], $17::bytea[], $18::bytea[], $19::bytea[],
      $20::text[], $21::text[], $22::bigint[]) AS n (${COLUMNS})),${MOVE}`,
};

export const FENCE = {
  name: 'fence',
  text: 'SELECT clock_timestamp() FROM ledger.lanes WHERE lane = ANY ($1::int[]) AND epoch = 1 FOR UPDATE',
};
