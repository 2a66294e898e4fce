import { WEBHOOK_DELIVERY_STATES } from '@b2b-charge/contracts';
import { cursorQuery, limitQuery, rowIdField } from '@b2b-charge/http/fields';
import { success } from '@b2b-charge/http/reply';
import { actorOf } from '@b2b-charge/http/tokens/principal';
import { createdWebhook, newWebhook, webhookDeliveryPage, webhookView } from '@b2b-charge/http/webhook-views';
import { z } from 'zod';
import { defineRoute } from './define-route.ts';

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
