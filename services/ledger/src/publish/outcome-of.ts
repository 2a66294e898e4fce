import {
  formatMoney,
  idempotencyKeyOf,
  isoTime,
  type Outcome,
  type TransactionView,
} from '@b2b-charge/contracts';
import type { LogEntry } from '../domain/command.ts';
import type { Decision } from '../domain/decide.ts';
import { isErased } from '../domain/is-repeat-of.ts';
import type { Transaction } from '../domain/transaction.ts';

/** A transaction as it is published; `currency` is that of all amounts: the setting CURRENCY. */
export const viewOf = (t: Transaction, currency: string): TransactionView => ({
  transaction_id: t.id,
  vendor_id: t.vendorId,
  seq: t.seq,
  type: t.type,
  status: t.status,
  reason: t.reason,
  amount: formatMoney(t.amount),
  balance_before: formatMoney(t.balanceBefore),
  balance_after: formatMoney(t.balanceAfter),
  currency,
  phone_number: t.phoneNumber,
  phone_erased: isErased(t),
  message_id: t.messageId,
  idempotency_key: idempotencyKeyOf(t.messageId),
  principal: t.principal,
  source: t.source,
  reference: t.reference,
  ...detailsOf(t),
  resolves: t.resolves,
  operator: t.operator,
  livemode: t.livemode,
  business_day: t.businessDay,
  created_at: isoTime(t.createdAtMs),
});

/** The sender's metadata stands apart from what the rule noted. */
function detailsOf({ details }: Transaction): Pick<TransactionView, 'metadata' | 'details'> {
  if (details === null) return { metadata: null, details: null };
  const { metadata = null, ...others } = JSON.parse(details);
  return { metadata, details: Object.keys(others).length === 0 ? null : others };
}

/** The outcome that a stored transaction is. */
export function outcomeOfTransaction(transaction: Transaction, replayed: boolean, currency: string): Outcome {
  const view = viewOf(transaction, currency);
  return transaction.reason === null
    ? { outcome: 'posted', replayed, transaction: view }
    : { outcome: 'rejected', replayed, code: transaction.reason, transaction: view, details: view.details };
}

/** The key is another request's: the answer names the first transaction and leaves no row. */
export const keyReused = (first: Transaction): Outcome => ({
  outcome: 'rejected',
  replayed: false,
  code: 'IDEMPOTENCY_KEY_REUSED',
  transaction: null,
  details: { first_transaction_id: first.id },
});

/** The one answer to a command. */
export function outcomeOf(entry: LogEntry, decision: Decision, currency: string): Outcome {
  switch (decision.kind) {
    case 'recorded':
      return outcomeOfTransaction(decision.transaction, false, currency);
    case 'replayed':
      return outcomeOfTransaction(decision.transaction, true, currency);
    case 'key-reused':
      return keyReused(decision.first);
    case 'expired':
      return {
        outcome: 'expired',
        vendor_id: entry.kind === 'command' ? entry.vendorId : 0,
        message_id: entry.messageId ?? '',
        expires_at: isoTime(decision.expiresAtMs),
      };
    case 'dead':
      return {
        outcome: 'dead-letter',
        reason: decision.reason,
        detail: decision.detail,
        message_id: entry.messageId,
      };
  }
}
