import { groupMoney } from '@b2b-charge/contracts';
import { finding, LISTED, type NewFinding, orMore } from '../domain/finding.ts';
import type { Reader } from './snapshot.ts';

export interface CreditScope {
  /** Only what came about since; null: everything. */
  readonly since: Date | null;
  readonly vendorId: number | null;
  /** Publishing systems besides `credits` that may credit a vendor. */
  readonly trustedSources: readonly string[];
  /** An approval may take this long to be posted. */
  readonly postedWithinMs: number;
}

/** Posted credits whose request is missing, differs, or was never approved by enough people. */
const CREDITS_WITHOUT_REQUEST = `SELECT t.vendor_id, t.seq, t.id, t.amount, t.source, t.message_id,
    r.status, r.amount AS r_amount, r.vendor_id AS r_vendor, r.approvals_needed,
    (SELECT count(*) FROM credits.approvals a
      WHERE a.request_id = r.id AND a.approved_by <> r.requested_by)::int AS approvals
  FROM ledger.transactions t LEFT JOIN credits.requests r
    ON r.id = CASE WHEN t.source = 'credits' AND t.message_id ~ '^~credit/[1-9][0-9]{0,15}$'
      THEN substr(t.message_id, 9)::bigint END
  WHERE t.type = 'credit' AND t.status = 'posted'
    AND ($1::timestamptz IS NULL OR t.created_at >= $1) AND ($2::int IS NULL OR t.vendor_id = $2)
    AND t.source <> ALL ($3::text[])
    AND (r.id IS NULL OR r.status NOT IN ('approved', 'posted') OR r.amount <> t.amount OR r.vendor_id <> t.vendor_id
      OR r.approvals_needed > (SELECT count(*) FROM credits.approvals a
        WHERE a.request_id = r.id AND a.approved_by <> r.requested_by))
  ORDER BY t.vendor_id, t.seq LIMIT ${LISTED}`;

/** Requests that say posted and have no such credit, and those that wait too long for theirs. */
const REQUESTS_WITHOUT_CREDIT = `SELECT r.id AS request_id, r.vendor_id, r.amount, r.status, r.transaction_id,
    r.decided_at, t.seq, t.id, t.amount AS t_amount, t.status AS t_status, t.type
  FROM credits.requests r LEFT JOIN ledger.transactions t
    ON t.vendor_id = r.vendor_id AND t.message_id = '~credit/' || r.id
  WHERE ($1::timestamptz IS NULL OR r.decided_at >= $1 OR r.status = 'approved')
    AND ($2::int IS NULL OR r.vendor_id = $2)
    AND (r.status = 'posted' AND (t.id IS NULL OR t.id <> r.transaction_id OR t.type <> 'credit'
        OR t.status <> 'posted' OR t.amount <> r.amount)
      OR r.status = 'approved' AND r.decided_at < now() - $3 * interval '1 millisecond')
  ORDER BY r.id LIMIT ${LISTED}`;

/** An approval may have been posted days later: so far back are the requests' own decisions looked at. */
const DECIDED_BEFORE_MS = 7 * 86_400_000;

/** Every credit has its request, every posted request its credit. */
export async function checkCredits(reader: Reader, scope: CreditScope): Promise<NewFinding[]> {
  const credits = await reader.query<CreditRow>(CREDITS_WITHOUT_REQUEST, [
    scope.since,
    scope.vendorId,
    scope.trustedSources.filter((source) => source !== 'credits'),
  ]);
  const since = scope.since && new Date(scope.since.getTime() - DECIDED_BEFORE_MS);
  const requests = await reader.query<RequestRow>(REQUESTS_WITHOUT_CREDIT, [
    since,
    scope.vendorId,
    scope.postedWithinMs,
  ]);
  return [...orMore(credits.map(describeCredit)), ...orMore(requests.map(describeRequest))];
}

interface CreditRow {
  vendor_id: number;
  seq: string;
  id: string;
  amount: string;
  source: string;
  message_id: string;
  status: string | null;
  r_amount: string | null;
  r_vendor: number | null;
  approvals_needed: number | null;
  approvals: number;
}

function describeCredit(row: CreditRow): NewFinding {
  const amount = groupMoney(BigInt(row.amount));
  return finding({
    check: 'credit-requests',
    message:
      row.status === null
        ? `a credit by ${row.source} (${row.message_id}) that nobody asked for`
        : 'a credit that does not fit its request',
    vendorId: row.vendor_id,
    seq: Number(row.seq),
    transactionId: row.id,
    expected:
      row.status === null
        ? 'an approved request'
        : `${row.approvals_needed} approvals of ${amount} for vendor ${row.vendor_id}`,
    found:
      row.status === null
        ? amount
        : `${row.approvals} approvals of ${groupMoney(BigInt(row.r_amount!))} for vendor ${row.r_vendor} (${row.status})`,
  });
}

interface RequestRow {
  request_id: string;
  vendor_id: number;
  amount: string;
  status: string;
  decided_at: Date;
  seq: string | null;
  id: string | null;
  t_amount: string | null;
  t_status: string | null;
}

function describeRequest(row: RequestRow): NewFinding {
  const waiting = row.status === 'approved';
  return finding({
    check: 'credit-requests',
    message: waiting
      ? `credit request ${row.request_id}, approved at ${row.decided_at.toISOString()}, is still not posted`
      : `credit request ${row.request_id} says posted, the books do not`,
    vendorId: row.vendor_id,
    seq: row.seq === null ? null : Number(row.seq),
    transactionId: row.id,
    expected: `a credit of ${groupMoney(BigInt(row.amount))}`,
    found: row.id === null ? 'none' : `${row.t_status} ${groupMoney(BigInt(row.t_amount!))}`,
    level: waiting ? 'MINOR_DISCREPANCY' : 'CRITICAL',
  });
}
