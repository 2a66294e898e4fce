import type { CALLS, CallResponse, Subjects } from '@b2b-charge/contracts';
import { type CallContext, CallError } from '@b2b-charge/runtime';
import type { NatsConnection } from '@nats-io/transport-node';
import type pg from 'pg';
import type { z } from 'zod';
import { checkResubmission } from '../dead-letters/check-resubmission.ts';
import { LetterRefusal } from '../dead-letters/letter-refusal.ts';
import { recordResubmission } from '../dead-letters/letters.ts';
import { awaitOutcome, publish } from '../dead-letters/publish.ts';

type Name = 'ledger.admin.resubmit-dead-letter';
type Request = z.output<(typeof CALLS)[Name]['request']> & CallContext;

interface Parts {
  readonly nc: NatsConnection;
  readonly pool: pg.Pool;
  readonly subjects: Subjects;
}

/** The caller waits that long for what became of it. */
const OUTCOME_WITHIN_MS = 2_000;

/** Puts a dead letter into the log once more, or says why not, or what it would be. Errors: NOT_FOUND. */
export async function resubmitDeadLetter(
  { nc, pool, subjects }: Parts,
  { id, message_id, again, dry_run, by, origin, note, traceparent }: Request,
): Promise<CallResponse<Name>> {
  try {
    const asked = { id, messageId: message_id ?? undefined, again, traceparent };
    const { letter, plan } = await checkResubmission(pool, subjects, asked);
    const told = {
      refused: null,
      subject: plan.subject,
      vendor_id: plan.vendorId,
      message_id: plan.messageId,
      payload_base64: Buffer.from(plan.payload).toString('base64'),
    };
    if (dry_run) return { ...told, sent: false, outcome: null };
    const seq = await publish(nc, plan);
    await recordResubmission(pool, letter, { messageId: plan.messageId, by, origin: origin ?? null, note });
    const outcome = await awaitOutcome(pool, plan, { seq, subjects, withinMs: OUTCOME_WITHIN_MS });
    return { ...told, sent: true, outcome };
  } catch (error) {
    if (!(error instanceof LetterRefusal)) throw error;
    if (error.code === 'NOT_FOUND') throw new CallError('NOT_FOUND', error.message);
    const none = { subject: null, vendor_id: null, message_id: null, payload_base64: null, outcome: null };
    return { refused: error.message, sent: false, ...none };
  }
}
