import { type CreditRequest, type MessageId, systemMessageId } from '@b2b-charge/contracts';

/** A decision about a credit request that the rules do not allow. */
export type Refusal = 'ALREADY_DECIDED' | 'SELF_APPROVAL' | 'ALREADY_APPROVED';

export interface Decidable {
  readonly status: CreditRequest['status'];
  readonly requestedBy: string;
  readonly approvalsNeeded: number;
  readonly approvedBy: readonly string[];
}

export type Approval =
  | { readonly kind: 'refused'; readonly code: Refusal }
  /** Counted; `complete` when it was the last one needed. */
  | { readonly kind: 'approved'; readonly complete: boolean };

/** Maker-checker: whoever asked cannot approve, and nobody approves the same request twice. */
export function decideApproval(request: Decidable, by: string): Approval {
  if (request.status !== 'pending') return { kind: 'refused', code: 'ALREADY_DECIDED' };
  if (request.requestedBy === by) return { kind: 'refused', code: 'SELF_APPROVAL' };
  if (request.approvedBy.includes(by)) return { kind: 'refused', code: 'ALREADY_APPROVED' };
  return { kind: 'approved', complete: request.approvedBy.length + 1 >= request.approvalsNeeded };
}

/** Two different admins above the limit, one up to it. */
export function approvalsNeeded(amount: bigint, dualAbove: bigint | undefined): 1 | 2 {
  return dualAbove !== undefined && amount > dualAbove ? 2 : 1;
}

/** The message id of the command that posts a request: for ever the same, so that it is posted once. */
export const messageIdOf = (requestId: string | number): MessageId => systemMessageId('credit', requestId);

/** The request that a message id of ours belongs to; null if it is none of ours. */
export function requestOf(messageId: string): string | null {
  return /^~credit\/([1-9][0-9]{0,15})$/.exec(messageId)?.[1] ?? null;
}
