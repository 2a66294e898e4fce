import { type CommandRequest, canonicalJson, fingerprint, parseMoney } from '@b2b-charge/contracts';
import type { Transaction } from './transaction.ts';

/** True if the request is the one that was recorded under its key; false if it is another one. */
export function isRepeatOf(known: Transaction, request: CommandRequest): boolean {
  if (isErased(known)) return agreesWithRest(known, request);
  // Each publication of a command has a salt of its own: the recorded one counts.
  return fingerprint(request, known.phoneSalt) === known.fingerprint;
}

export const isErased = (row: Pick<Transaction, 'phoneNumber' | 'phoneCommitment'>): boolean =>
  row.phoneCommitment !== null && row.phoneNumber === null;

/** After an erasure nothing can rebuild the fingerprint: the fields that are left must agree. */
function agreesWithRest(known: Transaction, request: CommandRequest): boolean {
  if (request.type !== known.type || request.type !== 'charge') return false;
  const recorded = known.details === null ? null : (JSON.parse(known.details).metadata ?? null);
  return (
    parseMoney(request.amount) === known.amount &&
    (request.reference ?? null) === known.reference &&
    canonicalJson(request.metadata ?? null) === canonicalJson(recorded)
  );
}
