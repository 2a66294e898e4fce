import { type Outcome, outcomeSchema } from '@b2b-charge/contracts';
import type { JsMsg } from '@nats-io/jetstream';
import type { Decided } from './sell.ts';

/** A decided command, as LEDGER_EVENTS reports it. */
export interface OutcomeEvent {
  /** The same event may come more than once, always under the same id. */
  readonly transactionId: string;
  readonly vendorId: number;
  /** E.g. "charge-posted", "credit-rejected". */
  readonly type: string;
  /** Place in the stream: where another follower could start. */
  readonly sequence: number;
  readonly outcome: Decided & { readonly transaction: NonNullable<Decided['transaction']> };
}

/** Null if it is none. */
export function readOutcome(message: Pick<JsMsg, 'subject' | 'seq' | 'string'>): OutcomeEvent | null {
  const outcome = parse(message.string());
  if (outcome?.outcome !== 'posted' && outcome?.outcome !== 'rejected') return null;
  const { transaction } = outcome;
  if (!transaction) return null;
  return {
    transactionId: transaction.transaction_id,
    vendorId: transaction.vendor_id,
    type: message.subject.slice(message.subject.lastIndexOf('.') + 1),
    sequence: message.seq,
    outcome: outcome as OutcomeEvent['outcome'],
  };
}

function parse(text: string): Outcome | null {
  try {
    return outcomeSchema.safeParse(JSON.parse(text)).data ?? null;
  } catch {
    return null;
  }
}
