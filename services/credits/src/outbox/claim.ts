import { sql } from 'kysely';
import type { Database } from '../db/schema.ts';

/** A credit that an approval owes the ledger. */
export interface Owed {
  readonly requestId: string;
  readonly vendorId: number;
  readonly amount: bigint;
  readonly messageId: string;
  /** Principal of the last approval, for example "token:17". */
  readonly principal: string;
  readonly traceparent: string | undefined;
  readonly attempts: number;
}

/**
 * Takes up to `atMost` owed credits whose time has come, for `leaseMs`: a replica that dies with them in hand leaves
 * them to the others after that. Sending one twice is harmless, for the message id is the same.
 */
export async function claimOwed(db: Database, atMost: number, leaseMs: number): Promise<Owed[]> {
  const { rows } = await sql<{
    request_id: string;
    vendor_id: number;
    amount: string;
    message_id: string;
    principal: string;
    traceparent: string | null;
    attempts: number;
  }>`
    UPDATE credits.outbox SET attempts = attempts + 1,
      next_attempt_at = clock_timestamp() + ${leaseMs} * interval '1 millisecond'
    WHERE request_id IN (
      SELECT request_id FROM credits.outbox
      WHERE done_at IS NULL AND next_attempt_at <= clock_timestamp()
      ORDER BY next_attempt_at LIMIT ${atMost} FOR UPDATE SKIP LOCKED)
    RETURNING request_id, vendor_id, amount, message_id, principal, traceparent, attempts`.execute(db);
  return rows.map((row) => ({
    requestId: row.request_id,
    vendorId: row.vendor_id,
    amount: BigInt(row.amount),
    messageId: row.message_id,
    principal: row.principal,
    traceparent: row.traceparent ?? undefined,
    attempts: row.attempts,
  }));
}

/** The attempt failed: the next one comes after a pause. */
export async function postpone(db: Database, owed: Owed, pauseMs: number, error: string): Promise<void> {
  await sql`UPDATE credits.outbox SET last_error = ${error.slice(0, 500)},
      next_attempt_at = clock_timestamp() + ${pauseMs} * interval '1 millisecond'
    WHERE request_id = ${owed.requestId} AND done_at IS NULL`.execute(db);
}
