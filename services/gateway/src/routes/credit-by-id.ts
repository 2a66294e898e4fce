import { rowIdField } from '@b2b-charge/http/fields';
import { failure, success } from '@b2b-charge/http/reply';
import { actorOf } from '@b2b-charge/http/tokens/principal';
import { creditView, showCredit } from '@b2b-charge/http/views';
import { z } from 'zod';
import { defineRoute } from './define-route.ts';

export const getCredit = defineRoute({
  method: 'GET',
  path: '/api/credits/:id/',
  operationId: 'getCredit',
  summary: 'One of the own credit requests',
  tag: 'credits',
  access: 'vendor',
  params: z.object({ id: rowIdField }),
  replies: { 200: creditView },
  errors: ['NOT_FOUND', 'UNAVAILABLE'],
  async handle({ principal, params: { id } }, gateway) {
    const credit = await gateway.ask('credits.get', { id, vendor_id: principal.vendorId });
    return credit
      ? success('CREDIT_REQUESTS', showCredit(credit, gateway.config.CURRENCY))
      : failure('NOT_FOUND');
  },
});

export const cancelCredit = defineRoute({
  method: 'POST',
  path: '/api/credits/:id/cancel/',
  operationId: 'cancelCredit',
  summary: 'Withdraw a credit request that is not decided yet',
  tag: 'credits',
  access: 'vendor',
  params: z.object({ id: rowIdField }),
  replies: { 200: creditView },
  errors: ['NOT_FOUND', 'ALREADY_DECIDED', 'UNAVAILABLE'],
  async handle({ principal, params: { id }, requestId }, gateway) {
    const credit = await gateway.ask('credits.cancel', {
      id,
      vendor_id: principal.vendorId,
      by: actorOf(principal),
      origin: requestId,
    });
    return success('CREDIT_CANCELLED', showCredit(credit, gateway.config.CURRENCY));
  },
});
