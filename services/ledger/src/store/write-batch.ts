import { type DeadLetterReason, isoTime, type VendorId } from '@b2b-charge/contracts';
import type { Command, LogEntry } from '../domain/command.ts';
import type { Transaction } from '../domain/transaction.ts';
import type { VendorState } from '../domain/vendor-state.ts';
import { hexArray, plainArray, textArray } from './array-literals.ts';
import type { Statement, Writer } from './writer.ts';

export interface DeadLetter {
  readonly entry: LogEntry;
  readonly reason: DeadLetterReason;
  readonly detail: string;
}

/** Everything a batch leaves behind, besides its cursors. */
export interface BatchWrites {
  readonly transactions: readonly Transaction[];
  readonly vendors: readonly VendorState[];
  readonly expired: readonly Command[];
  readonly dead: readonly DeadLetter[];
}

export const INSERT_TRANSACTIONS: Statement = {
  name: 'batch-insert-transactions',
  text: `INSERT INTO ledger.transactions (vendor_id, seq, id, type, status, reason, amount, balance_effect, held_effect,
      balance_before, balance_after, held_before, held_after, phone_number, phone_salt, phone_commitment, message_id,
      fingerprint, principal, source, reference, resolves, operator, livemode, details, stream, stream_epoch, stream_seq,
      stream_index, business_day, created_at, previous_hash, hash)
    SELECT vendor_id, seq, id, type, status, reason, amount, balance_effect, held_effect,
      balance_after - balance_effect, balance_after, held_after - held_effect, held_after, phone_number, phone_salt,
      phone_commitment, message_id, fingerprint, principal, source, reference, resolves, operator, livemode, details,
      stream, stream_epoch, stream_seq, stream_index, business_day, created_at, previous_hash, hash
    FROM unnest($1::int[], $2::bigint[], $3::uuid[], $4::text[], $5::text[], $6::text[], $7::bigint[], $8::bigint[],
      $9::bigint[], $10::bigint[], $11::bigint[], $12::text[], $13::bytea[], $14::bytea[], $15::text[], $16::bytea[],
      $17::text[], $18::text[], $19::text[], $20::uuid[], $21::text[], $22::boolean[], $23::text[], $24::smallint[],
      $25::int[], $26::bigint[], $27::smallint[], $28::date[], $29::timestamptz[], $30::bytea[], $31::bytea[])
      AS n (vendor_id, seq, id, type, status, reason, amount, balance_effect, held_effect, balance_after, held_after,
      phone_number, phone_salt, phone_commitment, message_id, fingerprint, principal, source, reference, resolves,
      operator, livemode, details, stream, stream_epoch, stream_seq, stream_index, business_day, created_at,
      previous_hash, hash)`,
};

/** A vendor's row is its chain's head, copied: an opened vendor gets a new one. */
const VENDORS: Statement = {
  name: 'batch-write-vendors',
  text: `UPDATE ledger.vendors v SET name = n.name, status = n.status, livemode = n.livemode, balance = n.balance,
      held = n.held,
      daily_limit = n.daily_limit, business_day = n.business_day, charged_today = n.charged_today, seq = n.seq,
      head_hash = n.head_hash, updated_at = n.updated_at
    FROM unnest($1::int[], $2::text[], $3::text[], $4::boolean[], $5::bigint[], $6::bigint[], $7::bigint[], $8::date[],
      $9::bigint[], $10::bigint[], $11::bytea[], $12::timestamptz[])
      AS n (vendor_id, name, status, livemode, balance, held, daily_limit, business_day, charged_today, seq, head_hash,
        updated_at)
    WHERE v.vendor_id = n.vendor_id`,
};

const OPENED: Statement = {
  name: 'batch-insert-vendors',
  text: `INSERT INTO ledger.vendors (vendor_id, name, status, livemode, balance, held, daily_limit, business_day,
      charged_today, seq, head_hash, updated_at, opened_at)
    SELECT * FROM unnest($1::int[], $2::text[], $3::text[], $4::boolean[], $5::bigint[], $6::bigint[], $7::bigint[],
      $8::date[], $9::bigint[], $10::bigint[], $11::bytea[], $12::timestamptz[], $13::timestamptz[])`,
};

const EXPIRATIONS: Statement = {
  name: 'batch-insert-expirations',
  text: `INSERT INTO ledger.expirations (vendor_id, stream_epoch, stream_seq, message_id, source, expires_at, decided_at)
    SELECT e.*, clock_timestamp() FROM unnest($1::int[], $2::int[], $3::bigint[], $4::text[], $5::text[],
      $6::timestamptz[]) AS e
    ON CONFLICT DO NOTHING`,
};

const DEAD_LETTERS: Statement = {
  name: 'batch-insert-dead-letters',
  text: `INSERT INTO ledger.dead_letters
      (lane, stream_epoch, stream_seq, time_ms, subject, message_id, reason, detail, headers, payload)
    SELECT * FROM unnest($1::int[], $2::int[], $3::bigint[], $4::bigint[], $5::text[], $6::text[], $7::text[], $8::text[],
      $9::text[], $10::bytea[])
    ON CONFLICT DO NOTHING`,
};

/** Sends the batch's writes, without waiting between them. `before` holds the states that it was decided on. */
export async function writeBatch(
  writer: Writer,
  writes: BatchWrites,
  before: ReadonlyMap<VendorId, VendorState>,
): Promise<void> {
  const work: Promise<unknown>[] = [];
  if (writes.transactions.length > 0) work.push(insertTransactions(writer, writes.transactions));
  const opened = writes.vendors.filter(({ vendorId }) => !before.has(vendorId));
  const changed = writes.vendors.filter(({ vendorId }) => before.has(vendorId));
  if (changed.length > 0) work.push(writer.query(VENDORS, vendorValues(changed)));
  if (opened.length > 0) {
    const openedAt = plainArray(opened.map(({ openedAtMs }) => timestamp(openedAtMs)));
    work.push(writer.query(OPENED, [...vendorValues(opened), openedAt]));
  }
  if (writes.expired.length > 0) work.push(insertExpirations(writer, writes.expired));
  if (writes.dead.length > 0) work.push(insertDeadLetters(writer, writes.dead));
  await Promise.all(work);
}

/** ISO 8601: no character that an array literal would have to quote. */
const timestamp = isoTime;
const nullable = (value: bigint | null): string => (value === null ? 'NULL' : value.toString());

function insertTransactions(writer: Writer, rows: readonly Transaction[]) {
  return writer.query(INSERT_TRANSACTIONS, transactionValues(rows));
}

/** The parameters of INSERT_TRANSACTIONS: an array literal for each column. */
export const transactionValues = (rows: readonly Transaction[]): string[] => [
  plainArray(rows.map((row) => row.vendorId)),
  plainArray(rows.map((row) => row.seq)),
  plainArray(rows.map((row) => row.id)),
  plainArray(rows.map((row) => row.type)),
  plainArray(rows.map((row) => row.status)),
  plainArray(rows.map((row) => row.reason ?? 'NULL')),
  plainArray(rows.map((row) => row.amount)),
  plainArray(rows.map((row) => row.balanceEffect)),
  plainArray(rows.map((row) => row.heldEffect)),
  plainArray(rows.map((row) => row.balanceAfter)),
  plainArray(rows.map((row) => row.heldAfter)),
  plainArray(rows.map((row) => row.phoneNumber ?? 'NULL')),
  hexArray(rows.map((row) => row.phoneSalt)),
  hexArray(rows.map((row) => row.phoneCommitment)),
  textArray(rows.map((row) => row.messageId)),
  hexArray(rows.map((row) => row.fingerprint)),
  textArray(rows.map((row) => row.principal)),
  textArray(rows.map((row) => row.source)),
  textArray(rows.map((row) => row.reference)),
  plainArray(rows.map((row) => row.resolves ?? 'NULL')),
  textArray(rows.map((row) => row.operator)),
  plainArray(rows.map((row) => String(row.livemode))),
  textArray(rows.map((row) => row.details)),
  plainArray(rows.map((row) => row.stream)),
  plainArray(rows.map((row) => row.streamEpoch)),
  plainArray(rows.map((row) => row.streamSeq)),
  plainArray(rows.map((row) => row.streamIndex)),
  plainArray(rows.map((row) => row.businessDay)),
  plainArray(rows.map((row) => timestamp(row.createdAtMs))),
  hexArray(rows.map((row) => row.previousHash)),
  hexArray(rows.map((row) => row.hash)),
];

const vendorValues = (rows: readonly VendorState[]): string[] => [
  plainArray(rows.map((row) => row.vendorId)),
  textArray(rows.map((row) => row.name)),
  plainArray(rows.map((row) => row.status)),
  plainArray(rows.map((row) => String(row.livemode))),
  plainArray(rows.map((row) => row.balance)),
  plainArray(rows.map((row) => row.held)),
  plainArray(rows.map((row) => nullable(row.dailyLimit))),
  plainArray(rows.map((row) => row.businessDay)),
  plainArray(rows.map((row) => row.chargedToday)),
  plainArray(rows.map((row) => row.seq)),
  hexArray(rows.map((row) => row.headHash)),
  plainArray(rows.map((row) => timestamp(row.updatedAtMs))),
];

function insertExpirations(writer: Writer, commands: readonly Command[]) {
  return writer.query(EXPIRATIONS, [
    plainArray(commands.map((command) => command.vendorId)),
    plainArray(commands.map((command) => command.streamEpoch)),
    plainArray(commands.map((command) => command.streamSeq)),
    textArray(commands.map((command) => command.messageId)),
    textArray(commands.map((command) => command.source)),
    plainArray(commands.map((command) => timestamp(command.expiresAtMs!))),
  ]);
}

function insertDeadLetters(writer: Writer, dead: readonly DeadLetter[]) {
  const raws = dead.map(({ entry }) => entry.raw());
  return writer.query(DEAD_LETTERS, [
    plainArray(dead.map(({ entry }) => entry.lane)),
    plainArray(dead.map(({ entry }) => entry.streamEpoch)),
    plainArray(dead.map(({ entry }) => entry.streamSeq)),
    plainArray(dead.map(({ entry }) => entry.timeMs)),
    textArray(raws.map(({ subject }) => storable(subject))),
    textArray(dead.map(({ entry }) => entry.messageId)),
    plainArray(dead.map(({ reason }) => reason)),
    textArray(dead.map(({ detail }) => storable(detail))),
    textArray(raws.map(({ headers }) => storable(JSON.stringify(headers)))),
    hexArray(raws.map(({ payload }) => Buffer.from(payload).toString('hex'))),
  ]);
}

/** PostgreSQL's text holds everything but NUL. */
const storable = (text: string): string => text.replaceAll('\0', '\uFFFD').toWellFormed();
