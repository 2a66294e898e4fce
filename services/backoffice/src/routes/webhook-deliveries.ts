import { WEBHOOK_DELIVERY_STATES } from '@b2b-charge/contracts';
import { cursorQuery, limitQuery, rowIdField, vendorIdField } from '@b2b-charge/http/fields';
import { success } from '@b2b-charge/http/reply';
import { actorOf } from '@b2b-charge/http/tokens/principal';
import { webhookDeliveryPage } from '@b2b-charge/http/webhook-views';
import { z } from 'zod';
import { defineRoute } from './define-route.ts';

const filter = {
  vendor_id: vendorIdField.optional(),
  webhook_id: rowIdField.optional(),
  limit: limitQuery,
  cursor: cursorQuery.optional(),
};

export const listWebhookDeliveries = defineRoute({
  method: 'GET',
  path: '/api/admin/webhooks/deliveries/',
  operationId: 'listWebhookDeliveries',
  summary: 'Deliveries to the webhooks of all vendors, newest first',
  tag: 'admin',
  access: 'admin',
  query: z.strictObject({ ...filter, state: z.enum(WEBHOOK_DELIVERY_STATES).optional() }),
  replies: { 200: webhookDeliveryPage },
  errors: ['UNAVAILABLE'],
  handle: async ({ query }, backoffice) =>
    success('WEBHOOK_DELIVERIES', await backoffice.ask('webhooks.deliveries', query)),
});

export const listDeadWebhooks = defineRoute({
  method: 'GET',
  path: '/api/admin/webhooks/dead/',
  operationId: 'listDeadWebhooks',
  summary: 'Deliveries that were given up, newest first',
  tag: 'admin',
  access: 'admin',
  query: z.strictObject(filter),
  replies: { 200: webhookDeliveryPage },
  errors: ['UNAVAILABLE'],
  handle: async ({ query }, backoffice) =>
    success('WEBHOOK_DELIVERIES', await backoffice.ask('webhooks.deliveries', { ...query, state: 'dead' })),
});

const instant = z.iso.datetime({ offset: true });

export const replayWebhooks = defineRoute({
  method: 'POST',
  path: '/api/admin/webhooks/dead/replay/',
  operationId: 'replayWebhooks',
  summary: 'Try dead deliveries again: these, or those of a webhook or a span of time',
  tag: 'admin',
  access: 'admin',
  body: z
    .strictObject({
      ids: z.array(z.int().min(1).max(Number.MAX_SAFE_INTEGER)).min(1).max(1_000).optional(),
      webhook_id: z.int().min(1).max(2_147_483_647).optional(),
      /** Inclusive. */
      from: instant.optional(),
      /** Exclusive. */
      to: instant.optional(),
    })
    // Everything there is would be a slip.
    .refine(({ ids, webhook_id, from }) => ids ?? webhook_id ?? from, {
      path: ['ids'],
      message: 'field_required',
    })
    .meta({ id: 'WebhookReplay', examples: [{ ids: [7] }] }),
  replies: { 200: z.object({ replayed: z.int(), more: z.boolean() }) },
  errors: ['UNAVAILABLE'],
  async handle({ principal, body, requestId }, backoffice) {
    const asked = { ...body, by: actorOf(principal), origin: requestId };
    return success('WEBHOOK_REPLAYED', await backoffice.ask('webhooks.replay', asked));
  },
});
