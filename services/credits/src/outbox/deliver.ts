import { NotAcceptedError, PendingError, type SendOptions } from '@b2b-charge/client';
import { formatMoney, type MessageId, type Outcome, type VendorId } from '@b2b-charge/contracts';
import type { Logger } from '@b2b-charge/runtime';
import type { Database } from '../db/schema.ts';
import { type Owed, postpone } from './claim.ts';
import { settle } from './settle.ts';

export interface DeliverOptions {
  readonly db: Database;
  readonly client: { send(options: SendOptions): Promise<Outcome> };
  readonly log: Logger;
  readonly waitMs: number;
  readonly deadlineMs: number;
  readonly retryMaxMs: number;
  /** Counts what became of each attempt. */
  readonly count: (result: string) => void;
}

const FIRST_PAUSE_MS = 250;

/** Sends one owed credit and settles its request by the outcome; without one, leaves it for a later attempt. */
export async function deliver(options: DeliverOptions, owed: Owed): Promise<void> {
  const { db, log, count } = options;
  const failed = await attempt(options, owed);
  if (failed === null) return;
  count(failed.result);
  const pauseMs = failed.again
    ? 0
    : Math.min(options.retryMaxMs, FIRST_PAUSE_MS * 2 ** Math.min(owed.attempts, 20));
  log.warn(
    { request: owed.requestId, message_id: owed.messageId, attempts: owed.attempts, reason: failed.error },
    'credit not posted yet',
  );
  await postpone(db, owed, pauseMs, failed.error);
}

interface Failure {
  readonly result: string;
  readonly error: string;
  /** Nothing was done and nothing is in the way: at once. */
  readonly again?: boolean;
}

/** Null when the request is settled. */
async function attempt(options: DeliverOptions, owed: Owed): Promise<Failure | null> {
  const { db, client, log, waitMs, deadlineMs, count } = options;
  let outcome: Outcome;
  try {
    outcome = await client.send({
      vendorId: owed.vendorId as VendorId,
      messageId: owed.messageId as MessageId,
      command: {
        type: 'credit',
        amount: formatMoney(owed.amount),
        reference: `credit request ${owed.requestId}`,
      },
      principal: owed.principal,
      waitMs,
      deadlineMs,
      traceparent: owed.traceparent,
    });
  } catch (error) {
    if (error instanceof PendingError) return { result: 'pending', error: 'no outcome yet' };
    if (error instanceof NotAcceptedError) return { result: 'not-accepted', error: error.message };
    throw error;
  }
  switch (outcome.outcome) {
    case 'posted':
    case 'rejected':
      if (!outcome.transaction) {
        // Another command holds our message id: only people can say how that came about.
        return { result: 'key-reused', error: 'the ledger knows another command by this message id' };
      }
      await settle({ db, log }, owed.requestId, outcome.transaction);
      count(outcome.outcome);
      return null;
    case 'expired':
      return { result: 'expired', error: 'expired before the ledger came to it', again: true };
    case 'dead-letter':
      return { result: 'dead-letter', error: `dead letter: ${outcome.reason}: ${outcome.detail}` };
  }
}
