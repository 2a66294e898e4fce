import { z } from 'zod';
import { actor, amountIn, decimal, idempotencyKey, limitIn, origin, page, vendorId } from './fields.ts';
import { principalSchema } from './principals.ts';

const reason = z.string().min(1).max(200);

/** pending → approved (the command is on its way) → posted; or pending → rejected | cancelled. */
export const CREDIT_STATUSES = ['pending', 'approved', 'posted', 'rejected', 'cancelled'] as const;

export const creditRequestSchema = z.object({
  id: z.int(),
  vendor_id: vendorId,
  amount: decimal,
  status: z.enum(CREDIT_STATUSES),
  requested_by: z.string(),
  approvals: z.array(z.object({ by: z.string(), at: z.string() })),
  /** How many different admins must approve. */
  approvals_needed: z.int(),
  decided_by: z.string().nullable(),
  decided_at: z.string().nullable(),
  reason: z.string().nullable(),
  transaction_id: z.string().nullable(),
  created_at: z.string(),
});
export type CreditRequest = z.infer<typeof creditRequestSchema>;

/** Request/reply calls on the credits service. Errors: BAD_REQUEST, NOT_FOUND, ALREADY_DECIDED, SELF_APPROVAL,
 * ALREADY_APPROVED (by the same admin), KEY_REUSED, DAILY_CREDIT_LIMIT_EXCEEDED, UNAVAILABLE. */
export const CREDIT_CALLS = {
  'credits.request': {
    request: z.object({
      vendor_id: vendorId,
      amount: amountIn,
      requested_by: actor,
      idempotency_key: idempotencyKey.nullish(),
      origin,
    }),
    response: z.object({ request: creditRequestSchema, replayed: z.boolean() }),
  },
  'credits.list': {
    request: z.object({
      vendor_id: vendorId.nullish(),
      status: z.enum(CREDIT_STATUSES).nullish(),
      /** These only. */
      ids: z.array(z.int()).min(1).max(100).nullish(),
      /** For a queue, where what waits longest stands first. */
      oldest_first: z.boolean().default(false),
      ...page,
    }),
    response: z.object({ requests: z.array(creditRequestSchema), next_cursor: z.string().nullable() }),
  },
  'credits.get': {
    request: z.object({ id: z.int(), vendor_id: vendorId.nullish() }),
    response: creditRequestSchema.nullable(),
  },
  /** `principal` is who the ledger records as the credit's sender if this approval is the last one needed. */
  'credits.approve': {
    request: z.object({ id: z.int(), by: actor, principal: principalSchema, origin }),
    response: creditRequestSchema,
  },
  'credits.reject': {
    request: z.object({ id: z.int(), by: actor, reason, origin }),
    response: creditRequestSchema,
  },
  'credits.cancel': {
    request: z.object({ id: z.int(), vendor_id: vendorId, by: actor, origin }),
    response: creditRequestSchema,
  },
  /** Approves or rejects each by itself: one refusal does not hold up the others. */
  'credits.decide-many': {
    request: z.object({
      ids: z.array(z.int()).min(1).max(100),
      decision: z.enum(['approve', 'reject']),
      by: actor,
      principal: principalSchema,
      reason: reason.nullish(),
      origin,
    }),
    response: z.object({
      results: z.array(
        z.object({
          id: z.int(),
          request: creditRequestSchema.nullable(),
          error: z.object({ code: z.string(), message: z.string() }).nullable(),
        }),
      ),
    }),
  },
  /** A vendor's own daily credit limit; null in `daily_limit` lifts it. */
  'credits.set-limit': {
    request: z.object({ vendor_id: vendorId, daily_limit: limitIn.nullable(), by: actor, origin }),
    response: z.object({ vendor_id: vendorId, daily_limit: decimal.nullable() }),
  },
  /** Who did what to a request, when, from where; oldest first. */
  'credits.trail': {
    request: z.object({ id: z.int() }),
    response: z.object({
      entries: z.array(
        z.object({
          at: z.string(),
          actor: z.string(),
          origin: z.string().nullable(),
          action: z.string(),
          details: z.record(z.string(), z.unknown()),
        }),
      ),
    }),
  },
} as const;
