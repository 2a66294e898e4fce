import { randomUUID } from 'node:crypto';
import { systemMessageId, type VendorId } from '@b2b-charge/contracts';
import { z } from 'zod';
import type { Gateway } from '../../gateway.ts';
import { limitField, textField, vendorIdField } from '../../http/fields.ts';
import { failure, type Reply, success } from '../../http/reply.ts';
import { defineRoute } from '../../http/route.ts';
import { type AdminPrincipal, actorOf } from '../../tokens/principal.ts';
import {
  adoptVendor,
  NO_SETTINGS,
  updateVendorSettings,
  vendorSettings,
} from '../../vendors/vendor-store.ts';
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
  handle: ({ principal, params, body }, gateway) => change(gateway, principal, params.id as VendorId, body),
});

export const suspendVendor = defineRoute({
  ...common,
  method: 'POST',
  path: '/api/admin/vendors/:id/suspend/',
  operationId: 'suspendVendor',
  summary: 'Stop all sales of a vendor',
  handle: ({ principal, params }, gateway) =>
    change(gateway, principal, params.id as VendorId, { status: 'suspended' }),
});

export const activateVendor = defineRoute({
  ...common,
  method: 'POST',
  path: '/api/admin/vendors/:id/activate/',
  operationId: 'activateVendor',
  summary: 'Let a suspended vendor sell again',
  handle: ({ principal, params }, gateway) =>
    change(gateway, principal, params.id as VendorId, { status: 'active' }),
});

async function change(
  gateway: Gateway,
  principal: AdminPrincipal,
  vendorId: VendorId,
  { rate_limit, require_idempotency_key, ...books }: z.output<typeof body>,
): Promise<Reply> {
  const before = await gateway.ask('ledger.query.vendor', { vendor_id: vendorId });
  if (!before) return failure('NOT_FOUND');
  if (Object.values(books).some((value) => value !== undefined)) {
    const messageId = systemMessageId('update-vendor', randomUUID());
    const result = await gateway.commands.send({
      vendorId,
      messageId,
      command: { type: 'update-vendor', ...books },
      traceparent: undefined,
    });
    if (result.kind !== 'decided' || result.outcome.outcome !== 'posted') {
      return replyToCommand(result, messageId, () => failure('INTERNAL'));
    }
  }
  if (rate_limit !== undefined || require_idempotency_key !== undefined) {
    await adoptVendor(gateway.db, vendorId, actorOf(principal));
    await updateVendorSettings(gateway.db, vendorId, { rate_limit, require_idempotency_key });
    await gateway.announce({ vendorId });
  }
  gateway.securityLog.write(gateway.now(), {
    event: 'VENDOR_UPDATED',
    by: actorOf(principal),
    vendor_id: vendorId,
    change: { ...books, rate_limit, require_idempotency_key },
  });
  const vendor = (await gateway.ask('ledger.query.vendor', { vendor_id: vendorId })) ?? before;
  const settings = (await vendorSettings(gateway.db, [vendorId])).get(vendorId) ?? NO_SETTINGS;
  return success('VENDOR_UPDATED', showVendor(vendor, settings));
}
