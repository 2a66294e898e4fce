import { MAX_WEBHOOK_URL, WEBHOOK_DELIVERY_STATES, WEBHOOK_EVENT_TYPES } from '@b2b-charge/contracts';
import { z } from 'zod';
import { cursorQuery, limitQuery, rowIdField, textField } from '../http/fields.ts';
import { success } from '../http/reply.ts';
import { defineRoute } from '../http/route.ts';
import { actorOf } from '../tokens/principal.ts';
import { webhookDeliveryPage, webhookView } from './webhook-views.ts';

export const webhookUrl = z
  .string()
  .min(1)
  .max(MAX_WEBHOOK_URL)
  .regex(/^[\x21-\x7e]+$/)
  .meta({ examples: ['https://shop.example/hooks/charges'] });
export const webhookEventTypes = z.array(z.enum(WEBHOOK_EVENT_TYPES)).min(1).max(WEBHOOK_EVENT_TYPES.length);

export const newWebhook = z
  .strictObject({
    url: webhookUrl,
    event_types: webhookEventTypes,
    description: textField(100).optional(),
  })
  .meta({
    id: 'NewWebhook',
    examples: [{ url: 'https://shop.example/hooks/charges', event_types: ['charge-posted'] }],
  });

export const createdWebhook = z
  .object({ webhook: webhookView, secret: z.string() })
  .meta({ id: 'WebhookWithSecret' });

export const createOwnWebhook = defineRoute({
  method: 'POST',
  path: '/api/webhooks/',
  operationId: 'createOwnWebhook',
  summary: 'Have outcomes sent to a URL; the secret that signs them is shown only in this answer',
  tag: 'webhooks',
  access: 'vendor',
  body: newWebhook,
  replies: { 201: createdWebhook },
  errors: ['WEBHOOK_URL_NOT_ALLOWED', 'TOO_MANY_WEBHOOKS', 'UNAVAILABLE'],
  async handle({ principal, body, requestId }, gateway) {
    const created = await gateway.ask('webhooks.create', {
      ...body,
      vendor_id: principal.vendorId,
      by: actorOf(principal),
      origin: requestId,
    });
    return success('WEBHOOK_CREATED', created, { status: 201 });
  },
});

export const listOwnWebhooks = defineRoute({
  method: 'GET',
  path: '/api/webhooks/',
  operationId: 'listOwnWebhooks',
  summary: 'The own webhooks, without their secrets',
  tag: 'webhooks',
  access: 'vendor',
  replies: { 200: z.object({ webhooks: z.array(webhookView) }) },
  errors: ['UNAVAILABLE'],
  handle: async ({ principal }, gateway) =>
    success('WEBHOOKS', await gateway.ask('webhooks.list', { vendor_id: principal.vendorId })),
});

export const deleteOwnWebhook = defineRoute({
  method: 'DELETE',
  path: '/api/webhooks/:id/',
  operationId: 'deleteOwnWebhook',
  summary: 'End an own webhook, and what waits for it',
  tag: 'webhooks',
  access: 'vendor',
  params: z.object({ id: rowIdField }),
  replies: { 200: webhookView },
  errors: ['NOT_FOUND', 'UNAVAILABLE'],
  async handle({ principal, params: { id }, requestId }, gateway) {
    const deleted = await gateway.ask('webhooks.delete', {
      id,
      vendor_id: principal.vendorId,
      by: actorOf(principal),
      origin: requestId,
    });
    return success('WEBHOOK_DELETED', deleted);
  },
});

export const listOwnDeliveries = defineRoute({
  method: 'GET',
  path: '/api/webhooks/deliveries/',
  operationId: 'listOwnWebhookDeliveries',
  summary: 'What became of the deliveries to the own webhooks, newest first',
  tag: 'webhooks',
  access: 'vendor',
  query: z.strictObject({
    webhook_id: rowIdField.optional(),
    state: z.enum(WEBHOOK_DELIVERY_STATES).optional(),
    limit: limitQuery,
    cursor: cursorQuery.optional(),
  }),
  replies: { 200: webhookDeliveryPage },
  errors: ['UNAVAILABLE'],
  handle: async ({ principal, query }, gateway) =>
    success(
      'WEBHOOK_DELIVERIES',
      await gateway.ask('webhooks.deliveries', { ...query, vendor_id: principal.vendorId }),
    ),
});
