import { type CreditRequest, formatMoney } from '@b2b-charge/contracts';
import { CallError } from '@b2b-charge/runtime';
import type { Selectable } from 'kysely';
import type { ApprovalsTable, Database, RequestsTable, Tx } from '../db/schema.ts';

export interface RequestWithApprovals {
  readonly row: Selectable<RequestsTable>;
  readonly approvals: readonly Pick<Selectable<ApprovalsTable>, 'approved_by' | 'approved_at'>[];
}

/** Locks a request for a decision. Throws NOT_FOUND, also for another vendor's. */
export async function lockRequest(tx: Tx, id: number, vendorId?: number): Promise<RequestWithApprovals> {
  const row = await tx
    .selectFrom('credits.requests')
    .selectAll()
    .where('id', '=', String(id))
    .forUpdate()
    .executeTakeFirst();
  if (!row || (vendorId !== undefined && row.vendor_id !== vendorId)) {
    throw new CallError('NOT_FOUND', `there is no credit request ${id}`);
  }
  return { row, approvals: (await approvalsOf(tx, [row.id])).get(row.id) ?? [] };
}

/** A request as the wire shows it. */
export async function viewOf(db: Database | Tx, id: string | number): Promise<CreditRequest> {
  const row = await db
    .selectFrom('credits.requests')
    .selectAll()
    .where('id', '=', String(id))
    .executeTakeFirstOrThrow();
  return (await viewsOf(db, [row]))[0]!;
}

export async function viewsOf(
  db: Database | Tx,
  rows: readonly Selectable<RequestsTable>[],
): Promise<CreditRequest[]> {
  const approvals = await approvalsOf(
    db,
    rows.map((row) => row.id),
  );
  return rows.map((row) => toView({ row, approvals: approvals.get(row.id) ?? [] }));
}

async function approvalsOf(db: Database | Tx, ids: readonly string[]) {
  const found = new Map<string, RequestWithApprovals['approvals'][number][]>();
  if (ids.length === 0) return found;
  const rows = await db
    .selectFrom('credits.approvals')
    .selectAll()
    .where('request_id', 'in', ids)
    .orderBy('approved_at')
    .execute();
  for (const row of rows) found.set(row.request_id, [...(found.get(row.request_id) ?? []), row]);
  return found;
}

function toView({ row, approvals }: RequestWithApprovals): CreditRequest {
  return {
    id: Number(row.id),
    vendor_id: row.vendor_id,
    amount: formatMoney(BigInt(row.amount)),
    status: row.status,
    requested_by: row.requested_by,
    approvals: approvals.map((one) => ({ by: one.approved_by, at: one.approved_at.toISOString() })),
    approvals_needed: row.approvals_needed,
    decided_by: row.decided_by,
    decided_at: row.decided_at?.toISOString() ?? null,
    reason: row.reason,
    transaction_id: row.transaction_id,
    created_at: row.created_at.toISOString(),
  };
}
