import type { CommandRequest, MessageId, VendorId } from '@b2b-charge/contracts';
import type pg from 'pg';
import { type Decision, decide } from '../../services/ledger/src/domain/decide.ts';
import type { Transaction } from '../../services/ledger/src/domain/transaction.ts';
import { toTransaction, toVendorState } from '../../services/ledger/src/store/rows.ts';
import * as statements from './statements.ts';

interface Sale {
  readonly vendorId: VendorId;
  readonly messageId: MessageId;
  readonly request: CommandRequest;
  readonly fingerprint: string;
  readonly principal: string;
  readonly phoneSalt: string;
}

type Sold = Exclude<Decision, { kind: 'expired' | 'dead' }>;
export type NaiveResult =
  | { kind: 'recorded' | 'replayed'; transaction: Transaction }
  | Extract<Sold, { kind: 'key-reused' }>;

const UNIQUE_VIOLATION = '23505';
const TIME_ZONE = 'Asia/Tehran';

/**
 * One transaction per sale: lock the vendor and look for the key, decide, write both rows, commit. Four round trips, or
 * two where statements that need no answer in between travel together.
 */
export function createSell(pool: pg.Pool, { pipeline }: { pipeline: boolean }) {
  return async function sell(sale: Sale): Promise<NaiveResult> {
    const client = await pool.connect();
    try {
      return await inTransaction(client, sale, pipeline);
    } catch (error) {
      // Two of one key at once: the second saw the books as they were before it waited for the lock.
      if ((error as { code?: string }).code === UNIQUE_VIOLATION)
        return await inTransaction(client, sale, pipeline);
      throw error;
    } finally {
      client.release();
    }
  };
}

async function inTransaction(client: pg.PoolClient, sale: Sale, pipeline: boolean): Promise<NaiveResult> {
  const { vendorId, messageId } = sale;
  const query = (statement: statements.Statement, values?: unknown[]) =>
    client.query({ ...statement, values: values ?? [] });
  try {
    const begun = query(statements.BEGIN);
    if (!pipeline) await begun;
    const [, found] = await Promise.all([begun, query(statements.READ, [vendorId, messageId])]);
    const [row] = found.rows;
    const known = row?.known_seq
      ? (await query(statements.KNOWN, [vendorId, row.known_seq])).rows[0]
      : undefined;
    const decision = decide(row && toVendorState(row), commandOf(sale), {
      nowMs: Date.now(),
      timeZone: TIME_ZONE,
      known: known && toTransaction(known),
      ...NO_HISTORY,
    });
    if (decision.kind !== 'recorded') {
      await query(statements.ROLLBACK);
      if (decision.kind === 'expired' || decision.kind === 'dead')
        throw new TypeError(`unexpected: ${decision.kind}`);
      return decision;
    }
    const written = query(statements.WRITE, statements.writeValues(decision.transaction, decision.state));
    if (!pipeline) await written;
    const [, committed] = await Promise.all([written, query(statements.COMMIT)]);
    if (committed.command !== 'COMMIT') throw new Error('rolled back');
    return decision;
  } catch (error) {
    await query(statements.ROLLBACK).catch(() => {});
    throw error;
  }
}

const commandOf = (sale: Sale) => ({
  ...sale,
  kind: 'command' as const,
  lane: 0,
  streamEpoch: 1,
  streamSeq: 1,
  timeMs: 0,
  replyTo: null,
  source: 'gateway',
  expiresAtMs: null,
  header: () => '',
  raw: () => {
    throw new TypeError('there is no message');
  },
});

/** Charges look at nothing else. */
const never = () => {
  throw new TypeError('unreachable');
};
const NO_HISTORY = { original: never, recalculation: never };
