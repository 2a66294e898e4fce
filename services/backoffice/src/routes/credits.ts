import { CREDIT_CALLS, CREDIT_STATUSES, currencyCode } from '@b2b-charge/contracts';
import { amountOut, toNumberOrNull } from '@b2b-charge/http/amounts';
import { codeOfCallError, ERROR_CODES } from '@b2b-charge/http/errors';
import {
  cursorQuery,
  limitField,
  limitQuery,
  rowIdField,
  textField,
  vendorIdField,
} from '@b2b-charge/http/fields';
import { message } from '@b2b-charge/http/messages/index';
import { success } from '@b2b-charge/http/reply';
import { actorOf, principalOf } from '@b2b-charge/http/tokens/principal';
import { callersTrace } from '@b2b-charge/http/tracing/callers-trace';
import { creditPage, creditView, showCredit } from '@b2b-charge/http/views';
import { z } from 'zod';
import { defineRoute } from './define-route.ts';

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
  async handle({ query }, backoffice) {
    const page = await backoffice.ask('credits.list', query);
    return success('CREDIT_REQUESTS', {
      credit_requests: page.requests.map((credit) => showCredit(credit, backoffice.config.CURRENCY)),
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
  async handle({ principal, params: { id }, headers, requestId }, backoffice) {
    const credit = await backoffice.ask(
      'credits.approve',
      { id, by: actorOf(principal), principal: principalOf(principal), origin: requestId },
      { traceparent: callersTrace(headers) },
    );
    return success('CREDIT_APPROVED', showCredit(credit, backoffice.config.CURRENCY));
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
  async handle({ principal, params: { id }, body, requestId }, backoffice) {
    const credit = await backoffice.ask('credits.reject', {
      id,
      by: actorOf(principal),
      reason: body.reason,
      origin: requestId,
    });
    return success('CREDIT_REJECTED', showCredit(credit, backoffice.config.CURRENCY));
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
  async handle({ principal, body, headers, requestId, locale }, backoffice) {
    const { results } = await backoffice.ask(
      'credits.decide-many',
      { ...body, by: actorOf(principal), principal: principalOf(principal), origin: requestId },
      { traceparent: callersTrace(headers) },
    );
    return success('CREDITS_DECIDED', {
      results: results.map(({ id, request, error }) => {
        const code = error && codeOfCallError(error.code);
        return {
          id,
          credit_request: request && showCredit(request, backoffice.config.CURRENCY),
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
  handle: async ({ params: { id } }, backoffice) =>
    success('CREDIT_TRAIL', await backoffice.ask('credits.trail', { id })),
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
  async handle({ principal, params: { id }, body: { daily_limit }, requestId }, backoffice) {
    const set = await backoffice.ask('credits.set-limit', {
      vendor_id: id,
      daily_limit,
      by: actorOf(principal),
      origin: requestId,
    });
    return success('CREDIT_LIMIT_SET', {
      vendor_id: id,
      daily_limit: toNumberOrNull(set.daily_limit),
      currency: backoffice.config.CURRENCY,
    });
  },
});
