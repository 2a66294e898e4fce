import type { CreditRequest } from '@b2b-charge/contracts';
import { CallError } from '@b2b-charge/runtime';
import type { Database, Tx } from '../db/schema.ts';
import { decideApproval, messageIdOf, type Refusal } from '../domain/decisions.ts';
import { lockRequest, type RequestWithApprovals, viewOf } from './read.ts';
import { wasDone, writeTrail } from './trail.ts';

export interface Actor {
  readonly id: number;
  readonly by: string;
  readonly origin?: string | null | undefined;
}

const REFUSALS: Record<Refusal, string> = {
  ALREADY_DECIDED: 'the request was decided before',
  SELF_APPROVAL: 'whoever asked cannot approve',
  ALREADY_APPROVED: 'you approved it; another admin must approve too',
};

export interface Approval extends Actor {
  /** The approver as the ledger records it, for example "token:17". */
  readonly principal: string;
  readonly traceparent?: string | undefined;
}

/**
 * One admin's approval. The last one needed approves the request and, in the same transaction, owes the ledger its
 * command. The same request again gets the first answer. Errors: NOT_FOUND, ALREADY_DECIDED, SELF_APPROVAL, ALREADY_APPROVED.
 */
export async function approve(db: Database, actor: Approval): Promise<CreditRequest> {
  return db.transaction().execute(async (tx) => {
    const request = await lockRequest(tx, actor.id);
    const { row, approvals } = request;
    const decision = decideApproval(
      {
        status: row.status,
        requestedBy: row.requested_by,
        approvalsNeeded: row.approvals_needed,
        approvedBy: approvals.map((approval) => approval.approved_by),
      },
      actor.by,
    );
    if (decision.kind === 'refused') {
      if (await wasDone(tx, actor, ['approved', 'approved-first'])) return viewOf(tx, row.id);
      throw new CallError(decision.code, REFUSALS[decision.code]);
    }
    await tx.insertInto('credits.approvals').values({ request_id: row.id, approved_by: actor.by }).execute();
    if (decision.complete) await complete(tx, request, actor);
    await writeTrail(tx, {
      actor: actor.by,
      origin: actor.origin,
      action: decision.complete ? 'approved' : 'approved-first',
      requestId: row.id,
      vendorId: row.vendor_id,
    });
    return viewOf(tx, row.id);
  });
}

async function complete(
  tx: Tx,
  { row }: RequestWithApprovals,
  { by, principal, traceparent }: Approval,
): Promise<void> {
  await tx
    .updateTable('credits.requests')
    .set({ status: 'approved', decided_by: by, decided_at: new Date() })
    .where('id', '=', row.id)
    .execute();
  await tx
    .insertInto('credits.outbox')
    .values({
      request_id: row.id,
      vendor_id: row.vendor_id,
      amount: row.amount,
      message_id: messageIdOf(row.id),
      principal,
      traceparent: traceparent ?? null,
    })
    .execute();
}
