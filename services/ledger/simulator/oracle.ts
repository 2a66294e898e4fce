import type { MessageId, Outcome, TransactionView } from '@b2b-charge/contracts';
import { isRepeatOf } from '../src/domain/is-repeat-of.ts';
import type { Transaction } from '../src/domain/transaction.ts';
import { viewOf } from '../src/publish/outcome-of.ts';
import { accounts } from './accounts.ts';
import type { Callers, Sending, Told } from './callers.ts';
import type { Database } from './database.ts';
import type { Errand } from './errands.ts';
import type { EventLog } from './event-log.ts';
import { CURRENCY } from './given.ts';
import { brokenBy } from './invariants.ts';
import { Model } from './model.ts';
import { POISON } from './sim-store.ts';
import type { Snapshots } from './snapshots.ts';
import type { Stream } from './stream.ts';

interface Evidence {
  readonly database: Database;
  readonly stream: Stream;
  readonly callers: Callers;
  readonly events: EventLog;
  readonly snapshots: Snapshots;
}

/** Everything that is wrong after a schedule, by the names of the invariants. */
export function judge(evidence: Evidence): string[] {
  return [
    ...new Set(evidence.database.suspicions),
    ...booksFaults(evidence),
    ...lossFaults(evidence),
    ...announcementFaults(evidence),
    ...evidence.callers.told.flatMap((told) => tellingFaults(told, evidence)),
  ];
}

/**
 * The chains, link by link, and what the model would have decided at each. What a database lost is decided as of the log's
 * clock, and a row carries its predecessor's time when that is later: then its time does not tell whether it was in time.
 */
function booksFaults({ database, callers, events, snapshots }: Evidence): string[] {
  const faults: string[] = [];
  for (const chain of database.books.chains.values()) {
    const model = new Model();
    for (const [index, row] of chain.entries()) {
      faults.push(...brokenBy(row, chain[index - 1]));
      if (!events.has(row.id)) faults.push(`events: ${row.id} was never published`);
      const sending = callers.sendings.get(database.causes.get(row.id)!);
      const isHeldBack = snapshots.wentBack && row.createdAtMs === chain[index - 1]?.createdAtMs;
      const wish = sending && (isHeldBack ? { ...sending, expiresAtMs: null } : sending);
      faults.push(...(wish ? decisionFaults(row, wish, model) : [`${row.id} was executed for nobody`]));
    }
  }
  return faults;
}

function decisionFaults(row: Transaction, sending: Sending, model: Model): string[] {
  const { request, expiresAtMs: deadline } = sending;
  const expected = model.execute(
    { vendor: row.vendorId, key: row.messageId, request, deadline },
    row.createdAtMs,
  );
  const said = row.reason ? `rejected ${row.reason}` : `posted ${row.balanceAfter}`;
  // A second outcome of one key the model would repeat, and one after its deadline it would refuse.
  if (said !== expected) return [`decided wrongly: ${sending.name} ${said}, not ${expected}`];
  model.named(row.vendorId, row.id);
  return [];
}

/** no silent loss: what stands in the log, or was trimmed off it, has an outcome, an expiry or a dead letter. */
function lossFaults({ database, stream, callers }: Evidence): string[] {
  const isAccounted = accounts(database, callers);
  const faults = [...stream.trimmed, ...stream.all()]
    .filter((message) => !isAccounted(message))
    .map(
      ({ publication, streamSeq }) => `no silent loss: ${publication.name} at ${streamSeq} has no outcome`,
    );
  for (const { publication, reason } of database.unexecuted) {
    const { errand, request } = callers.sendings.get(publication)!;
    if (reason === 'FAILED' && !isPoison(request)) faults.push(`${publication} failed without a reason`);
    if (errand.spoilt === null && (reason === 'MALFORMED' || reason === 'WRONG_LANE'))
      faults.push(`${publication} was not read`);
  }
  return faults;
}

/** What was announced outlives the database: it is there, to the last bit of its hash. */
function announcementFaults({ database, events, snapshots }: Evidence): string[] {
  return events.stored
    .filter(({ id, hash }) => database.books.byId.get(id)?.hash !== hash && !snapshots.unannounced.has(id))
    .map(({ id }) => `announced: ${id} is not in the books as it was`);
}

const isPoison = (request: { type: string; amount?: string }): boolean =>
  request.type === 'charge' && request.amount === `${POISON / 100n}.00`;

/** What a caller was told is so. */
function tellingFaults(told: Told, evidence: Evidence): string[] {
  const { sending, outcome } = told;
  const fault = (text: string) => [`${sending.name} was told ${text}`];
  const { errand } = sending;
  const { callers, snapshots } = evidence;
  const { expiresAtMs } = sending;
  // ADR 9: nobody can know that an expiry was told if the ledger has announced nothing since, and was lost then.
  if (
    (outcome === 'never executed' || outcome.outcome === 'expired') &&
    expiresAtMs !== null &&
    snapshots.mayBeExecuted(told.atMs, expiresAtMs)
  )
    return [];
  if (outcome === 'never executed') {
    return executedOf(
      errand,
      evidence,
      (by) => by.expiresAtMs !== null && by.expiresAtMs <= sending.expiresAtMs!,
    )
      ? fault('never executed, and was executed')
      : [];
  }
  switch (outcome.outcome) {
    case 'posted':
      return isStored(outcome, evidence) ? [] : fault('posted what is not in the books');
    case 'rejected':
      return rejectionFaults(told, outcome, evidence).flatMap(fault);
    case 'expired':
    case 'dead-letter':
      if (outcome.outcome === 'expired' && sending.expiresAtMs === null)
        return fault('expired, without a deadline');
      return executedOf(errand, evidence, (by) => by.name === sending.name && !callers.doubled.has(by.name))
        ? fault(`${outcome.outcome}, and was executed`)
        : [];
  }
}

function rejectionFaults(
  { sending }: Told,
  outcome: Extract<Outcome, { outcome: 'rejected' }>,
  evidence: Evidence,
): string[] {
  if (outcome.code !== 'IDEMPOTENCY_KEY_REUSED')
    return isStored(outcome, evidence) ? [] : ['a rejection that is not in the books'];
  const first = rowOf(sending.errand, evidence);
  if (!first) return ['that its key is taken, and nobody has it'];
  return isRepeatOf(first, sending.request) ? ['that its own key is another’s'] : [];
}

const rowOf = ({ vendorId, key }: Errand, { database }: Evidence): Transaction | undefined =>
  database.books.outcome(vendorId, key as MessageId);

/** Whether the books hold, under the errand's key, an execution of such a sending. */
function executedOf(
  errand: Errand,
  evidence: Evidence,
  such: (sending: { name: string; expiresAtMs: number | null }) => boolean,
): boolean {
  const row = rowOf(errand, evidence);
  return row !== undefined && such(evidence.callers.sendings.get(evidence.database.causes.get(row.id)!)!);
}

const isStored = (
  { transaction }: Extract<Outcome, { outcome: 'posted' | 'rejected' }>,
  { database, snapshots }: Evidence,
): boolean => {
  const lost = transaction && snapshots.unannounced.get(transaction.transaction_id);
  if (lost) {
    // Its deadline may have passed while others still announced: then it counts as expired (ADR 9).
    const again = database.books.outcome(lost.vendorId, lost.messageId);
    return !lost.isNoticed || !again || again.status === lost.status;
  }
  const row = transaction && database.books.byId.get(transaction.transaction_id);
  // The number may have been erased since.
  const shown = (view: TransactionView) =>
    JSON.stringify({ ...view, phone_number: null, phone_erased: null });
  return !!row && shown(viewOf(row, CURRENCY)) === shown(transaction);
};
