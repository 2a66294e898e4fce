import { CREDIT_CALLS, CREDIT_STATUSES, currencyCode } from '@b2b-charge/contracts';
import { z } from 'zod';
import { amountOut, toNumberOrNull } from '../../http/amounts.ts';
import { codeOfCallError, ERROR_CODES } from '../../http/errors.ts';
import {
  cursorQuery,
  limitField,
  limitQuery,
  rowIdField,
  textField,
  vendorIdField,
} from '../../http/fields.ts';
import { success } from '../../http/reply.ts';
import { defineRoute } from '../../http/route.ts';
import { message } from '../../messages/index.ts';
import { actorOf, principalOf } from '../../tokens/principal.ts';
import { callersTrace } from '../../tracing/callers-trace.ts';
import { creditPage } from '../list-credits.ts';
import { creditView, showCredit } from '../views.ts';

export const listAllCredits = defineRoute({
  method: 'GET',
  path: '/api/admin/credits/',
  operationId: 'listAllCredits',
  summary: 'Credit requests of all vendors, newest first',
  tag: 'admin',
  access: 'admin',
  query: z.strictObject({
    status: z.enum(CREDIT_STATUSES).optional(),
    vendor_id: vendorIdField.optional(),
    limit: limitQuery,
    cursor: cursorQuery.optional(),
  }),
  replies: { 200: creditPage },
  errors: ['UNAVAILABLE'],
  async handle({ query }, gateway) {
    const page = await gateway.ask('credits.list', query);
    return success('CREDIT_REQUESTS', {
      credit_requests: page.requests.map((credit) => showCredit(credit, gateway.config.CURRENCY)),
      next_cursor: page.next_cursor,
    });
  },
});

export const approveCredit = defineRoute({
  method: 'POST',
  path: '/api/admin/credits/:id/approve/',
  operationId: 'approveCredit',
  summary: 'Approve a credit request; large ones need two admins',
  tag: 'admin',
  access: 'admin',
  params: z.object({ id: rowIdField }),
  replies: { 200: creditView },
  errors: [
    'NOT_FOUND',
    'ALREADY_DECIDED',
    'ALREADY_APPROVED',
    'SELF_APPROVAL',
    'DAILY_CREDIT_LIMIT_EXCEEDED',
    'UNAVAILABLE',
  ],
  async handle({ principal, params: { id }, headers, requestId }, gateway) {
    const credit = await gateway.ask(
      'credits.approve',
      { id, by: actorOf(principal), principal: principalOf(principal), origin: requestId },
      { traceparent: callersTrace(headers) },
    );
    return success('CREDIT_APPROVED', showCredit(credit, gateway.config.CURRENCY));
  },
});

export const rejectCredit = defineRoute({
  method: 'POST',
  path: '/api/admin/credits/:id/reject/',
  operationId: 'rejectCredit',
  summary: 'Reject a credit request, with the reason',
  tag: 'admin',
  access: 'admin',
  params: z.object({ id: rowIdField }),
  body: z
    .strictObject({ reason: textField(200) })
    .meta({ id: 'CreditRejection', examples: [{ reason: 'The invoice is not paid yet' }] }),
  replies: { 200: creditView },
  errors: ['NOT_FOUND', 'ALREADY_DECIDED', 'UNAVAILABLE'],
  async handle({ principal, params: { id }, body, requestId }, gateway) {
    const credit = await gateway.ask('credits.reject', {
      id,
      by: actorOf(principal),
      reason: body.reason,
      origin: requestId,
    });
    return success('CREDIT_REJECTED', showCredit(credit, gateway.config.CURRENCY));
  },
});

export const decideCredits = defineRoute({
  method: 'POST',
  path: '/api/admin/credits/bulk/',
  operationId: 'decideCredits',
  summary: 'Approve or reject up to 100 credit requests, each by itself',
  tag: 'admin',
  access: 'admin',
  body: z
    .strictObject({
      ids: z.array(z.int().min(1).max(2_147_483_647)).min(1).max(100),
      decision: z.enum(['approve', 'reject']),
      reason: textField(200).optional(),
    })
    .refine(({ decision, reason }) => decision === 'approve' || reason !== undefined, {
      path: ['reason'],
      message: 'field_required',
    })
    .meta({ id: 'CreditDecisions', examples: [{ ids: [1], decision: 'approve' }] }),
  replies: {
    200: z.object({
      results: z.array(
        z.object({
          id: z.int(),
          credit_request: creditView.nullable(),
          error: z.object({ code: z.enum(ERROR_CODES), message: z.string() }).nullable(),
        }),
      ),
    }),
  },
  errors: ['UNAVAILABLE'],
  async handle({ principal, body, headers, requestId, locale }, gateway) {
    const { results } = await gateway.ask(
      'credits.decide-many',
      { ...body, by: actorOf(principal), principal: principalOf(principal), origin: requestId },
      { traceparent: callersTrace(headers) },
    );
    return success('CREDITS_DECIDED', {
      results: results.map(({ id, request, error }) => {
        const code = error && codeOfCallError(error.code);
        return {
          id,
          credit_request: request && showCredit(request, gateway.config.CURRENCY),
          error: code && { code, message: message(locale, code) },
        };
      }),
    });
  },
});

export const getCreditTrail = defineRoute({
  method: 'GET',
  path: '/api/admin/credits/:id/trail/',
  operationId: 'getCreditTrail',
  summary: 'Who did what to a credit request, when and from where',
  tag: 'admin',
  access: 'admin',
  params: z.object({ id: rowIdField }),
  replies: { 200: CREDIT_CALLS['credits.trail'].response },
  errors: ['NOT_FOUND', 'UNAVAILABLE'],
  handle: async ({ params: { id } }, gateway) =>
    success('CREDIT_TRAIL', await gateway.ask('credits.trail', { id })),
});

export const setCreditLimit = defineRoute({
  method: 'POST',
  path: '/api/admin/vendors/:id/credit-limit/',
  operationId: 'setCreditLimit',
  summary: 'How much credit a vendor may get in a day; null lifts the limit',
  tag: 'admin',
  access: 'admin',
  params: z.object({ id: vendorIdField }),
  body: z
    .strictObject({ daily_limit: limitField })
    .meta({ id: 'CreditLimit', examples: [{ daily_limit: 20_000_000 }] }),
  replies: {
    200: z.object({ vendor_id: z.int(), daily_limit: amountOut.nullable(), currency: currencyCode }),
  },
  errors: ['NOT_FOUND', 'UNAVAILABLE'],
  async handle({ principal, params: { id }, body: { daily_limit }, requestId }, gateway) {
    const set = await gateway.ask('credits.set-limit', {
      vendor_id: id,
      daily_limit,
      by: actorOf(principal),
      origin: requestId,
    });
    return success('CREDIT_LIMIT_SET', {
      vendor_id: id,
      daily_limit: toNumberOrNull(set.daily_limit),
      currency: gateway.config.CURRENCY,
    });
  },
});
