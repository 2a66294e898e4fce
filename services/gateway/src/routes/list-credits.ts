import { CREDIT_STATUSES } from '@b2b-charge/contracts';
import { cursorQuery, limitQuery } from '@b2b-charge/http/fields';
import { success } from '@b2b-charge/http/reply';
import { creditPage, showCredit } from '@b2b-charge/http/views';
import { z } from 'zod';
import { defineRoute } from './define-route.ts';

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
