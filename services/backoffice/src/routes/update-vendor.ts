import type { IncomingHttpHeaders } from 'node:http';
import type { VendorId } from '@b2b-charge/contracts';
import { replyToCommand } from '@b2b-charge/http/commands/command-reply';
import { limitField, textField, vendorIdField } from '@b2b-charge/http/fields';
import { failure, type Reply, success } from '@b2b-charge/http/reply';
import { type AdminPrincipal, actorOf, principalOf } from '@b2b-charge/http/tokens/principal';
import { callersTrace } from '@b2b-charge/http/tracing/callers-trace';
import { showVendor, vendorView } from '@b2b-charge/http/views';
import { z } from 'zod';
import type { Backoffice } from '../backoffice.ts';
import { changeVendor } from '../vendors/change-vendor.ts';
import { rateLimitField } from './create-vendor.ts';
import { defineRoute } from './define-route.ts';

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
  handle: ({ principal, headers, params, body }, backoffice) =>
    change(backoffice, { principal, headers }, params.id as VendorId, body),
});

export const suspendVendor = defineRoute({
  ...common,
  method: 'POST',
  path: '/api/admin/vendors/:id/suspend/',
  operationId: 'suspendVendor',
  summary: 'Stop all sales of a vendor',
  handle: ({ principal, headers, params }, backoffice) =>
    change(backoffice, { principal, headers }, params.id as VendorId, { status: 'suspended' }),
});

export const activateVendor = defineRoute({
  ...common,
  method: 'POST',
  path: '/api/admin/vendors/:id/activate/',
  operationId: 'activateVendor',
  summary: 'Let a suspended vendor sell again',
  handle: ({ principal, headers, params }, backoffice) =>
    change(backoffice, { principal, headers }, params.id as VendorId, { status: 'active' }),
});

async function change(
  backoffice: Backoffice,
  { principal, headers }: { principal: AdminPrincipal; headers: IncomingHttpHeaders },
  vendorId: VendorId,
  to: z.output<typeof body>,
): Promise<Reply> {
  const changed = await changeVendor(backoffice, vendorId, to, {
    by: actorOf(principal),
    principal: principalOf(principal),
    traceparent: callersTrace(headers),
  });
  const currency = backoffice.config.CURRENCY;
  switch (changed.kind) {
    case 'unknown':
      return failure('NOT_FOUND');
    case 'not-posted':
      return replyToCommand(changed.result, changed.messageId, () => failure('INTERNAL'));
    case 'changed':
      return success('VENDOR_UPDATED', showVendor(changed.vendor, changed.settings, currency));
  }
}
