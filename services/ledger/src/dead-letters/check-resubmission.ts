import type { Subjects } from '@b2b-charge/contracts';
import type pg from 'pg';
import { readLedgerState } from '../lanes/read-lanes.ts';
import { formatHolder, readKeyState } from './key-state.ts';
import { LetterRefusal } from './letter-refusal.ts';
import { getLetter, type Letter, parseLetterId } from './letters.ts';
import { planResubmission, type Resubmission } from './resubmission.ts';

interface Asked {
  readonly id: string | undefined;
  readonly messageId: string | undefined;
  /** Also one that was sent again before. */
  readonly again: boolean;
  /** Trace context of the caller, in place of the letter's own. */
  readonly traceparent?: string | undefined;
}

/** What would be published once more. Throws LetterRefusal with the reason if nothing should be. */
export async function checkResubmission(
  pool: pg.Pool,
  subjects: Subjects,
  { id, messageId, again, traceparent }: Asked,
): Promise<{ letter: Letter; plan: Resubmission }> {
  const refuse = (reason: string) => new LetterRefusal('NOT_RESUBMITTABLE', reason);
  const letter = await getLetter(pool, parseLetterId(id));
  if (letter.resubmittedAs !== null && !again)
    throw refuse(`it was sent again already, as ${letter.resubmittedAs}; ask for "again" to do so once more`);
  const { storedLanes: lanes } = await readLedgerState(pool);
  const plan = planResubmission(letter, { subjects, lanes, messageId, traceparent, nowMs: Date.now() });
  const { holder, vendorExists } = await readKeyState(pool, plan.vendorId, plan.messageId);
  if (holder)
    throw refuse(
      `its key ${plan.messageId} has an outcome: ${formatHolder(holder)}. There is nothing to send; a new message id ` +
        'would make it another command beside that one',
    );
  if (!vendorExists && !plan.opensVendor)
    throw refuse(`it would become a dead letter again: there is no vendor ${plan.vendorId}`);
  return { letter, plan };
}
