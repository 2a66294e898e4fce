import type { IncomingHttpHeaders } from 'node:http';
import type { VendorId } from '@b2b-charge/contracts';
import { z } from 'zod';
import type { Gateway } from '../../gateway.ts';
import { limitField, textField, vendorIdField } from '../../http/fields.ts';
import { failure, type Reply, success } from '../../http/reply.ts';
import { defineRoute } from '../../http/route.ts';
import { type AdminPrincipal, actorOf, principalOf } from '../../tokens/principal.ts';
import { callersTrace } from '../../tracing/callers-trace.ts';
import { changeVendor } from '../../vendors/change-vendor.ts';
import { replyToCommand } from '../charge-reply.ts';
import { showVendor, vendorView } from '../views.ts';
import { rateLimitField } from './create-vendor.ts';

const body = z
  .strictObject({
    name: textField(100).optional(),
    status: z.enum(['active', 'suspended']).optional(),
    daily_limit: limitField.optional(),
    rate_limit: rateLimitField.optional(),
    require_idempotency_key: z.boolean().nullable().optional(),
  })
  .meta({ id: 'VendorChange', examples: [{ daily_limit: null, rate_limit: 6_000 }] });

const common = {
  tag: 'admin',
  access: 'admin',
  params: z.object({ id: vendorIdField }),
  replies: { 200: vendorView },
  errors: ['NOT_FOUND', 'EXPIRED', 'UNAVAILABLE', 'OVERLOADED'],
} as const;

export const updateVendor = defineRoute({
  ...common,
  method: 'PATCH',
  path: '/api/admin/vendors/:id/',
  operationId: 'updateVendor',
  summary: "Change a vendor's name, status, limits or settings; what is left out stays",
  body,
  handle: ({ principal, headers, params, body }, gateway) =>
    change(gateway, { principal, headers }, params.id as VendorId, body),
});

export const suspendVendor = defineRoute({
  ...common,
  method: 'POST',
  path: '/api/admin/vendors/:id/suspend/',
  operationId: 'suspendVendor',
  summary: 'Stop all sales of a vendor',
  handle: ({ principal, headers, params }, gateway) =>
    change(gateway, { principal, headers }, params.id as VendorId, { status: 'suspended' }),
});

export const activateVendor = defineRoute({
  ...common,
  method: 'POST',
  path: '/api/admin/vendors/:id/activate/',
  operationId: 'activateVendor',
  summary: 'Let a suspended vendor sell again',
  handle: ({ principal, headers, params }, gateway) =>
    change(gateway, { principal, headers }, params.id as VendorId, { status: 'active' }),
});

async function change(
  gateway: Gateway,
  { principal, headers }: { principal: AdminPrincipal; headers: IncomingHttpHeaders },
  vendorId: VendorId,
  to: z.output<typeof body>,
): Promise<Reply> {
  const changed = await changeVendor(gateway, vendorId, to, {
    by: actorOf(principal),
    principal: principalOf(principal),
    traceparent: callersTrace(headers),
  });
  const currency = gateway.config.CURRENCY;
  switch (changed.kind) {
    case 'unknown':
      return failure('NOT_FOUND');
    case 'not-posted':
      return replyToCommand(changed.result, changed.messageId, () => failure('INTERNAL'));
    case 'changed':
      return success('VENDOR_UPDATED', showVendor(changed.vendor, changed.settings, currency));
  }
}
