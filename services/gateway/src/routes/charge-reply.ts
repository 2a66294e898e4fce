import { replyToCommand } from '@b2b-charge/http/commands/command-reply';
import { failure, type Reply, success } from '@b2b-charge/http/reply';
import { showCharge } from '@b2b-charge/http/views';
import type { SaleResult } from '../charges/sell.ts';

/** The answer to a sale. `key` is what the vendor knows it by. */
export function replyToSale(result: SaleResult, key: string): Reply {
  if (result.kind === 'duplicate') {
    return failure('DUPLICATE_SUSPECTED', {
      details: {
        first: {
          idempotency_key: result.firstMessageId,
          transaction_id: result.first?.transaction?.transaction_id ?? null,
          status: result.first ? 'posted' : 'pending',
          created_at: result.first?.transaction?.created_at ?? null,
        },
      },
    });
  }
  return replyToCommand(result, key, (transaction) => success('CHARGE_SOLD', showCharge(transaction, key)));
}

/** One line per charge in the log of transactions. */
export const resultName = (result: SaleResult): string => {
  if (result.kind !== 'decided') return result.kind;
  return result.outcome.outcome === 'posted' ? 'posted' : result.outcome.code;
};
