import {
  COMMAND_SCHEMAS,
  isSystemMessageId,
  type MessageId,
  type Metadata,
  type Outcome,
  parseMessageId,
  parseVendorId,
  type VendorId,
} from '@b2b-charge/contracts';
import { DeadLetterError, ExpiredError, InvalidCommandError } from './errors.ts';
import { type Sender, sendUntilDecided } from './send-until-decided.ts';

export interface Sale {
  readonly vendorId: number;
  /** The dedup key: sell again under it, and it is the same sale. */
  readonly messageId: string;
  /** E.164. */
  readonly phoneNumber: string;
  /** A decimal string of at most two decimals. */
  readonly amount: string;
  /** The seller's own reference, at most 255 characters. */
  readonly reference?: string;
  /** At most 10 names with a text each, 1 KiB as JSON. */
  readonly metadata?: Metadata;
  /** How long to wait for the outcome; 10 s unless told. */
  readonly waitMs?: number;
  /** How long the ledger may execute it, from now; the wait unless told. */
  readonly deadlineMs?: number;
  readonly traceparent?: string | undefined;
}

/** A sale that was decided: posted, or rejected with its reason. */
export type Decided = Extract<Outcome, { outcome: 'posted' | 'rejected' }>;

const WAIT_MS = 10_000;

/**
 * Sells one charge. Resolves to the outcome, a rejection being one. Rejects with InvalidCommandError, NotAcceptedError
 * (nothing was done), ExpiredError (nothing was done), DeadLetterError, or PendingError: not known yet; ask or sell
 * again under the same message id.
 */
export async function sell(client: Sender, sale: Sale): Promise<Decided> {
  const { waitMs = WAIT_MS, deadlineMs = waitMs, traceparent } = sale;
  const command = { ...commandOf(sale), waitMs, deadlineMs, traceparent };
  const outcome = await sendUntilDecided(client, command);
  switch (outcome.outcome) {
    case 'posted':
    case 'rejected':
      return outcome;
    case 'expired':
      throw new ExpiredError(sale.messageId);
    case 'dead-letter':
      throw new DeadLetterError(outcome.reason, outcome.detail);
  }
}

function commandOf(sale: Sale) {
  const vendorId: VendorId | null = parseVendorId(String(sale.vendorId));
  if (vendorId === null) throw new InvalidCommandError('vendorId: a positive 32-bit number');
  const messageId: MessageId | null = parseMessageId(sale.messageId);
  if (messageId === null || isSystemMessageId(messageId)) {
    throw new InvalidCommandError('messageId: 1 to 255 printable ASCII characters, not beginning with ~');
  }
  const { phoneNumber: phone_number, amount, reference, metadata } = sale;
  const body = { phone_number, amount, reference, metadata };
  const parsed = COMMAND_SCHEMAS['charge.v1'].safeParse(body);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new InvalidCommandError(`${issue?.path.join('.')}: ${issue?.message}`);
  }
  return { vendorId, messageId, command: { type: 'charge', ...parsed.data } as const };
}
