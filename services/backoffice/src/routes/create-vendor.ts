import { systemMessageId } from '@b2b-charge/contracts';
import { replyToCommand } from '@b2b-charge/http/commands/command-reply';
import { limitField, textField } from '@b2b-charge/http/fields';
import { idempotencyKey } from '@b2b-charge/http/idempotency-key';
import { failure, success } from '@b2b-charge/http/reply';
import { actorOf, principalOf } from '@b2b-charge/http/tokens/principal';
import { callersTrace } from '@b2b-charge/http/tracing/callers-trace';
import { showVendor, vendorView } from '@b2b-charge/http/views';
import { z } from 'zod';
import { openVendor } from '../vendors/open-vendor.ts';
import { defineRoute } from './define-route.ts';

export const rateLimitField = z.int().min(1).max(1_000_000_000).nullable();

export const createVendor = defineRoute({
  method: 'POST',
  path: '/api/admin/vendors/',
  operationId: 'createVendor',
  summary: 'Open a vendor',
  tag: 'admin',
  access: 'admin',
  takesKey: true,
  body: z
    .strictObject({
      name: textField(100),
      daily_limit: limitField.optional(),
      rate_limit: rateLimitField.optional(),
      require_idempotency_key: z.boolean().nullish(),
    })
    .meta({ id: 'NewVendor', examples: [{ name: 'TechCorp Solutions', daily_limit: 5_000_000 }] }),
  replies: { 201: vendorView },
  errors: ['VENDOR_EXISTS', 'IDEMPOTENCY_KEY_REUSED', 'EXPIRED', 'UNAVAILABLE', 'OVERLOADED'],
  async handle({ principal, body, headers, locale }, backoffice) {
    const currency = backoffice.config.CURRENCY;
    const settings = {
      rate_limit: body.rate_limit ?? null,
      require_idempotency_key: body.require_idempotency_key ?? null,
    };
    const { vendorId, result } = await openVendor(backoffice, {
      ...settings,
      name: body.name,
      dailyLimit: body.daily_limit ?? null,
      creationKey: idempotencyKey(headers, null, locale),
      createdBy: actorOf(principal),
      principal: principalOf(principal),
      traceparent: callersTrace(headers),
    });
    if (result.kind !== 'decided' || result.outcome.outcome !== 'posted') {
      return replyToCommand(result, systemMessageId('open-vendor', vendorId), () => failure('INTERNAL'));
    }
    const vendor = await backoffice.ask('ledger.query.vendor', { vendor_id: vendorId });
    if (!vendor) return failure('UNAVAILABLE', { headers: { 'retry-after': '1' } });
    return success('VENDOR_CREATED', showVendor(vendor, settings, currency), {
      status: 201,
      headers: result.replayed ? { 'idempotent-replayed': 'true' } : undefined,
    });
  },
});
