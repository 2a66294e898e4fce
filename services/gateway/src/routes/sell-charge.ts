import { MAX_REFERENCE } from '@b2b-charge/contracts';
import { Refusal } from '@b2b-charge/http/errors';
import { amountField, type Fields, keyField, metadataField, textField } from '@b2b-charge/http/fields';
import { idempotencyKey } from '@b2b-charge/http/idempotency-key';
import { principalOf, type VendorPrincipal } from '@b2b-charge/http/tokens/principal';
import { callersTrace } from '@b2b-charge/http/tracing/callers-trace';
import { chargeView } from '@b2b-charge/http/views';
import { maskPhone } from '@b2b-charge/runtime';
import { z } from 'zod';
import type { SaleResult } from '../charges/sell.ts';
import type { Gateway } from '../gateway.ts';
import { replyToSale, resultName } from './charge-reply.ts';
import { defineRoute } from './define-route.ts';

export const pendingView = z
  .object({
    status: z.literal('PENDING'),
    idempotency_key: z.string(),
    expires_at: z.iso.datetime(),
    location: z.string(),
  })
  .meta({ id: 'Pending' });

export const saleBody = (fields: Fields) =>
  z.strictObject({
    phone_number: fields.phoneNumber,
    amount: amountField,
    idempotency_key: keyField.nullish(),
    reference: textField(MAX_REFERENCE).nullish(),
    metadata: metadataField.nullish(),
  });

export const SALE_ERRORS = [
  'IDEMPOTENCY_KEY_REQUIRED',
  'INSUFFICIENT_BALANCE',
  'VENDOR_INACTIVE',
  'NOT_FOUND',
  'DUPLICATE_SUSPECTED',
  'DAILY_LIMIT_EXCEEDED',
  'IDEMPOTENCY_KEY_REUSED',
  'EXPIRED',
  'UNAVAILABLE',
  'OVERLOADED',
] as const;

export const sellCharge = (fields: Fields) =>
  defineRoute({
    method: 'POST',
    path: '/api/charges/sell/',
    operationId: 'sellCharge',
    summary: 'Sell a phone charge',
    tag: 'charges',
    access: 'vendor',
    takesKey: true,
    body: saleBody(fields).meta({
      id: 'Sale',
      examples: [{ phone_number: '+989123456789', amount: 50_000 }],
    }),
    replies: { 200: chargeView, 202: pendingView },
    errors: SALE_ERRORS,
    async handle({ principal, body, headers, locale, requestId }, gateway) {
      const key = idempotencyKey(headers, body.idempotency_key, locale);
      if (key === null) refuseKeyless(principal, gateway);
      const result = await gateway.charges.sell({
        vendorId: principal.vendorId,
        phoneNumber: body.phone_number,
        amount: body.amount,
        reference: body.reference ?? undefined,
        metadata: body.metadata ?? undefined,
        key,
        principal: principalOf(principal),
        traceparent: callersTrace(headers),
      });
      recordSale(gateway, principal, { ...body, requestId }, result);
      return replyToSale(result, key ?? messageIdOf(result));
    },
  });

/** Throws Refusal where a key is mandatory. */
export function refuseKeyless({ requireIdempotencyKey }: VendorPrincipal, { config }: Gateway): void {
  if (requireIdempotencyKey ?? config.REQUIRE_IDEMPOTENCY_KEY) throw new Refusal('IDEMPOTENCY_KEY_REQUIRED');
}

export const messageIdOf = (result: SaleResult): string =>
  result.kind === 'duplicate' ? result.firstMessageId : result.messageId;

export function recordSale(
  { metrics, transactionsLog, now }: Gateway,
  { vendorId, tokenId }: VendorPrincipal,
  sale: { phone_number: string; amount: string; requestId: string },
  result: SaleResult,
): void {
  const name = resultName(result);
  metrics.sales.count(name);
  transactionsLog.write(now(), {
    vendor_id: vendorId,
    token_id: tokenId,
    phone: maskPhone(sale.phone_number),
    amount: sale.amount,
    request_id: sale.requestId,
    message_id: messageIdOf(result),
    result: name,
    ...(result.kind === 'decided'
      ? { transaction_id: result.outcome.transaction?.transaction_id ?? null, replayed: result.replayed }
      : {}),
  });
}
