import { CREDIT_STATUSES } from '@b2b-charge/contracts';
import { z } from 'zod';
import { cursorQuery, limitQuery } from '../http/fields.ts';
import { success } from '../http/reply.ts';
import { defineRoute } from '../http/route.ts';
import { creditView, showCredit } from './views.ts';

export const creditPage = z.object({
  credit_requests: z.array(creditView),
  next_cursor: z.string().nullable(),
});

export const listCredits = defineRoute({
  method: 'GET',
  path: '/api/credits/',
  operationId: 'listCredits',
  summary: 'The own credit requests, newest first',
  tag: 'credits',
  access: 'vendor',
  query: z.strictObject({
    status: z.enum(CREDIT_STATUSES).optional(),
    limit: limitQuery,
    cursor: cursorQuery.optional(),
  }),
  replies: { 200: creditPage },
  errors: ['UNAVAILABLE'],
  async handle({ principal, query }, gateway) {
    const page = await gateway.ask('credits.list', { vendor_id: principal.vendorId, ...query });
    return success('CREDIT_REQUESTS', {
      credit_requests: page.requests.map((credit) => showCredit(credit, gateway.config.CURRENCY)),
      next_cursor: page.next_cursor,
    });
  },
});
