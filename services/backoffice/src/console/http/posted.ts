import type { TransactionView } from '@b2b-charge/contracts';
import type { Result } from '@b2b-charge/http/commands/command-desk';
import { codeOfDeadLetter, codeOfRejection, Refusal } from '@b2b-charge/http/errors';

/**
 * The transaction of a command that was posted. Throws Refusal otherwise; UNAVAILABLE also for one that is not decided
 * yet: it will be by its deadline, or never.
 */
export function posted(result: Result): TransactionView {
  switch (result.kind) {
    case 'decided':
      if (result.outcome.outcome === 'posted') return result.outcome.transaction;
      throw new Refusal(codeOfRejection(result.outcome.code));
    case 'pending':
      throw new Refusal('UNAVAILABLE');
    case 'expired':
      throw new Refusal('EXPIRED');
    case 'dead-letter':
      throw new Refusal(codeOfDeadLetter(result.reason));
    case 'refused':
      throw new Refusal(result.code);
  }
}
