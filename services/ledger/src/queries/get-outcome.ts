import { type CallResponse, type CommandRequest, laneOf, type VendorId } from '@b2b-charge/contracts';
import type pg from 'pg';
import { isRepeatOf } from '../domain/is-repeat-of.ts';
import { keyReused, outcomeOfTransaction } from '../publish/outcome-of.ts';
import { COMPARED } from '../recovery/lane-marks.ts';
import { TRANSACTION_COLUMNS, type TransactionRow, toTransaction } from '../store/rows.ts';

export const BY_KEY = `SELECT ${TRANSACTION_COLUMNS} FROM ledger.transactions t WHERE t.vendor_id = $1 AND t.message_id = $2`;

const SETTLED = `SELECT lease_until > clock_timestamp() AND compared_epoch = ${COMPARED} AND cursor_seq >= replay_until AS settled
  FROM ledger.lanes WHERE lane = $1 FOR SHARE`;

/** Settings that hold for the whole ledger. */
interface Books {
  readonly lanes: number;
  readonly currency: string;
}

interface Question {
  readonly vendorId: VendorId;
  readonly messageId: string;
  readonly expiresAt?: string | null | undefined;
  readonly command?: CommandRequest | null | undefined;
}

/** The outcome bound to a key; after the command's deadline, also whether it can never be executed any more. */
export async function getOutcome(
  pool: pg.Pool,
  books: Books,
  question: Question,
): Promise<CallResponse<'ledger.query.outcome'>> {
  const found = await lookUp(pool, question, books.currency);
  if (found || !question.expiresAt) return { outcome: found, never_executed: false };
  return afterDeadline(pool, books, question, question.expiresAt);
}

async function lookUp(pool: pg.Pool, { vendorId, messageId, command }: Question, currency: string) {
  const { rows } = await pool.query<TransactionRow>({
    name: 'query-by-key',
    text: BY_KEY,
    values: [vendorId, messageId],
  });
  if (!rows[0]) return null;
  const transaction = toTransaction(rows[0]);
  if (command && !isRepeatOf(transaction, command)) return keyReused(transaction);
  return outcomeOfTransaction(transaction, false, currency);
}

/**
 * A batch in hand may have been decided before the deadline and not be committed yet. It holds its lane's row, so
 * waiting for that row and looking again tells "never" from "not yet": what is decided later finds the deadline passed.
 * The row is let go at once: many who ask together must not keep the owner from its next batch.
 *
 * A database that went back may yet decide what it lost as of before the deadline. So nobody says "never" unless the lane
 * has an owner who has compared it with what was announced, in this very database, and is through with what was lost.
 */
async function afterDeadline(
  pool: pg.Pool,
  { lanes, currency }: Books,
  question: Question,
  expiresAt: string,
) {
  const { rows } = await pool.query<{ passed: boolean }>(
    'SELECT clock_timestamp() >= $1::timestamptz AS passed',
    [expiresAt],
  );
  if (!rows[0]?.passed) return { outcome: null, never_executed: false };
  const lane = await pool.query<{ settled: boolean }>(SETTLED, [laneOf(question.vendorId, lanes)]);
  const outcome = await lookUp(pool, question, currency);
  return { outcome, never_executed: outcome === null && lane.rows[0]?.settled === true };
}
