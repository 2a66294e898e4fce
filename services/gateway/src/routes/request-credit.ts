import { amountField, keyField } from '@b2b-charge/http/fields';
import { idempotencyKey } from '@b2b-charge/http/idempotency-key';
import { success } from '@b2b-charge/http/reply';
import { actorOf } from '@b2b-charge/http/tokens/principal';
import { creditView, showCredit } from '@b2b-charge/http/views';
import { z } from 'zod';
import { defineRoute } from './define-route.ts';

export const requestCredit = defineRoute({
  method: 'POST',
  path: '/api/credits/request/',
  operationId: 'requestCredit',
  summary: 'Ask for more credit; an admin decides',
  tag: 'credits',
  access: 'vendor',
  takesKey: true,
  body: z
    .strictObject({ amount: amountField, idempotency_key: keyField.nullish() })
    .meta({ id: 'CreditApplication', examples: [{ amount: 1_000_000 }] }),
  replies: { 201: creditView },
  errors: [
    'NOT_FOUND',
    'VENDOR_INACTIVE',
    'IDEMPOTENCY_KEY_REUSED',
    'DAILY_CREDIT_LIMIT_EXCEEDED',
    'UNAVAILABLE',
  ],
  async handle({ principal, body, headers, locale, requestId }, gateway) {
    const { request, replayed } = await gateway.ask('credits.request', {
      vendor_id: principal.vendorId,
      amount: body.amount,
      requested_by: actorOf(principal),
      idempotency_key: idempotencyKey(headers, body.idempotency_key, locale),
      origin: requestId,
    });
    return success('CREDIT_REQUESTED', showCredit(request, gateway.config.CURRENCY), {
      status: 201,
      headers: replayed ? { 'idempotent-replayed': 'true' } : undefined,
    });
  },
});
