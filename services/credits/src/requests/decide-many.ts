import type { CallResponse, CreditRequest } from '@b2b-charge/contracts';
import { CallError } from '@b2b-charge/runtime';
import type { Database } from '../db/schema.ts';
import { approve } from './approve.ts';
import { reject } from './close.ts';

interface Many {
  readonly ids: readonly number[];
  readonly decision: 'approve' | 'reject';
  readonly by: string;
  readonly principal: string;
  readonly reason?: string | null | undefined;
  readonly origin?: string | null | undefined;
  readonly traceparent?: string | undefined;
}

/** Each in its own transaction, in the order given: one refusal does not hold up the others. Errors: BAD_REQUEST. */
export async function decideMany(db: Database, many: Many): Promise<CallResponse<'credits.decide-many'>> {
  const { ids, decision, reason, ...actor } = many;
  if (decision === 'reject' && !reason) throw new CallError('BAD_REQUEST', 'reason: is missing');
  const results = [];
  for (const id of new Set(ids)) {
    results.push(
      await resultOf(id, () =>
        decision === 'approve'
          ? approve(db, { ...actor, id })
          : reject(db, { ...actor, id, reason: reason! }),
      ),
    );
  }
  return { results };
}

async function resultOf(id: number, decide: () => Promise<CreditRequest>) {
  try {
    return { id, request: await decide(), error: null };
  } catch (error) {
    if (!(error instanceof CallError)) throw error;
    return { id, request: null, error: { code: error.code, message: error.message } };
  }
}
