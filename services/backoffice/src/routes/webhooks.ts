import { MAX_SECRET_OVERLAP_S } from '@b2b-charge/contracts';
import { rowIdField, textField, vendorIdField } from '@b2b-charge/http/fields';
import { failure, success } from '@b2b-charge/http/reply';
import type { RouteRequest } from '@b2b-charge/http/route';
import { actorOf } from '@b2b-charge/http/tokens/principal';
import {
  createdWebhook,
  newWebhook,
  webhookDeliveryView,
  webhookEventTypes,
  webhookUrl,
  webhookView,
} from '@b2b-charge/http/webhook-views';
import { z } from 'zod';
import { defineRoute } from './define-route.ts';

const ofVendor = z.object({ id: vendorIdField });
const one = z.object({ id: vendorIdField, webhook_id: rowIdField });

/** Which webhook, and who asks for something to be done with it. */
const asked = ({
  principal,
  params: { id, webhook_id },
  requestId,
}: Pick<
  RouteRequest<'admin', z.output<typeof one>, never, never>,
  'principal' | 'params' | 'requestId'
>) => ({
  vendor_id: id,
  id: webhook_id,
  by: actorOf(principal),
  origin: requestId,
});

export const createWebhook = defineRoute({
  method: 'POST',
  path: '/api/admin/vendors/:id/webhooks/',
  operationId: 'createWebhook',
  summary: 'Have outcomes of a vendor sent to a URL; the secret that signs them is shown only in this answer',
  tag: 'admin',
  access: 'admin',
  params: ofVendor,
  body: newWebhook,
  replies: { 201: createdWebhook },
  errors: ['NOT_FOUND', 'WEBHOOK_URL_NOT_ALLOWED', 'TOO_MANY_WEBHOOKS', 'UNAVAILABLE'],
  async handle({ principal, params, body, requestId }, backoffice) {
    const vendor = await backoffice.ask('ledger.query.vendor', { vendor_id: params.id });
    if (!vendor) return failure('NOT_FOUND');
    const by = actorOf(principal);
    const asked = { ...body, vendor_id: params.id, by, origin: requestId };
    return success('WEBHOOK_CREATED', await backoffice.ask('webhooks.create', asked), { status: 201 });
  },
});

export const listWebhooks = defineRoute({
  method: 'GET',
  path: '/api/admin/vendors/:id/webhooks/',
  operationId: 'listWebhooks',
  summary: "A vendor's webhooks, without their secrets",
  tag: 'admin',
  access: 'admin',
  params: ofVendor,
  replies: { 200: z.object({ webhooks: z.array(webhookView) }) },
  errors: ['UNAVAILABLE'],
  handle: async ({ params }, backoffice) =>
    success('WEBHOOKS', await backoffice.ask('webhooks.list', { vendor_id: params.id })),
});

export const updateWebhook = defineRoute({
  method: 'PATCH',
  path: '/api/admin/vendors/:id/webhooks/:webhook_id/',
  operationId: 'updateWebhook',
  summary: 'Change a webhook, disable or enable it',
  tag: 'admin',
  access: 'admin',
  params: one,
  body: z
    .strictObject({
      url: webhookUrl.optional(),
      event_types: webhookEventTypes.optional(),
      description: textField(100).optional(),
      enabled: z.boolean().optional(),
    })
    .meta({ id: 'WebhookChange', examples: [{ enabled: true }] }),
  replies: { 200: webhookView },
  errors: ['NOT_FOUND', 'WEBHOOK_URL_NOT_ALLOWED', 'UNAVAILABLE'],
  handle: async (request, backoffice) =>
    success(
      'WEBHOOK_UPDATED',
      await backoffice.ask('webhooks.update', { ...request.body, ...asked(request) }),
    ),
});

export const deleteWebhook = defineRoute({
  method: 'DELETE',
  path: '/api/admin/vendors/:id/webhooks/:webhook_id/',
  operationId: 'deleteWebhook',
  summary: 'End a webhook, and what waits for it',
  tag: 'admin',
  access: 'admin',
  params: one,
  replies: { 200: webhookView },
  errors: ['NOT_FOUND', 'UNAVAILABLE'],
  handle: async (request, backoffice) =>
    success('WEBHOOK_DELETED', await backoffice.ask('webhooks.delete', asked(request))),
});

export const rotateWebhookSecret = defineRoute({
  method: 'POST',
  path: '/api/admin/vendors/:id/webhooks/:webhook_id/secret/',
  operationId: 'rotateWebhookSecret',
  summary: 'A new secret, shown only in this answer; for a while the old one signs, too',
  tag: 'admin',
  access: 'admin',
  params: one,
  body: z
    .strictObject({
      /** Seconds that the old secret signs beside the new one. */
      overlap_s: z.int().min(0).max(MAX_SECRET_OVERLAP_S).default(86_400),
    })
    .meta({ id: 'SecretRotation', examples: [{ overlap_s: 3_600 }] }),
  replies: { 201: createdWebhook },
  errors: ['NOT_FOUND', 'UNAVAILABLE'],
  async handle(request, backoffice) {
    const rotated = await backoffice.ask('webhooks.rotate-secret', { ...request.body, ...asked(request) });
    return success('WEBHOOK_SECRET_ROTATED', rotated, { status: 201 });
  },
});

export const testWebhook = defineRoute({
  method: 'POST',
  path: '/api/admin/vendors/:id/webhooks/:webhook_id/test/',
  operationId: 'testWebhook',
  summary: 'Send a test event; what became of it stands among the deliveries',
  tag: 'admin',
  access: 'admin',
  params: one,
  replies: { 202: webhookDeliveryView },
  errors: ['NOT_FOUND', 'UNAVAILABLE'],
  handle: async (request, backoffice) =>
    success('WEBHOOK_TEST_QUEUED', await backoffice.ask('webhooks.test', asked(request)), { status: 202 }),
});
