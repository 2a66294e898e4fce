import type { TransactionView } from '@b2b-charge/contracts';
import { toNumber } from '../amounts.ts';
import { codeOfDeadLetter, codeOfRejection } from '../errors.ts';
import { API_V1 } from '../paths.ts';
import { failure, type Headers, type Reply, success } from '../reply.ts';
import type { Decided, Result } from './command-desk.ts';

const REPLAYED: Headers = { 'idempotent-replayed': 'true' };
const RETRY: Headers = { 'retry-after': '1' };

/** The answer to any command; `posted` makes that of a success. */
export function replyToCommand(
  result: Result,
  key: string,
  posted: (transaction: TransactionView) => Reply,
): Reply {
  switch (result.kind) {
    case 'decided': {
      const reply = replyToOutcome(result.outcome, posted);
      return result.replayed ? { ...reply, headers: { ...reply.headers, ...REPLAYED } } : reply;
    }
    case 'pending':
      return replyToPending(key, result.expiresAtMs);
    case 'expired':
      return failure('EXPIRED', { headers: RETRY });
    case 'dead-letter':
      return failure(codeOfDeadLetter(result.reason));
    case 'refused':
      return failure(result.code, { headers: RETRY });
  }
}

export function replyToPending(key: string, expiresAtMs: number): Reply {
  const expiresAt = new Date(expiresAtMs).toISOString();
  const location = `${API_V1}charges/by-key/${encodeURIComponent(key)}/?expires_at=${expiresAt}`;
  return success(
    'CHARGE_PENDING',
    { status: 'PENDING', idempotency_key: key, expires_at: expiresAt, location },
    { status: 202, headers: { location, 'retry-after': '1' } },
  );
}

export function replyToOutcome(outcome: Decided, posted: (transaction: TransactionView) => Reply): Reply {
  if (outcome.outcome === 'posted') return posted(outcome.transaction);
  const { code, transaction, details } = outcome;
  return failure(codeOfRejection(code), {
    details: {
      ...amounts(details),
      ...(transaction
        ? { balance: toNumber(transaction.balance_after), currency: transaction.currency }
        : {}),
    },
    // A recorded rejection is the same to the letter whenever it is repeated, so it names what was recorded.
    requestId: transaction?.transaction_id,
  });
}

/** Decimal strings of the ledger's details, as the API's numbers. */
function amounts(details: Record<string, unknown> | null): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(details ?? {}).map(([name, value]) => [
      name,
      typeof value === 'string' && /^-?\d+\.\d\d$/.test(value) ? toNumber(value) : value,
    ]),
  );
}
