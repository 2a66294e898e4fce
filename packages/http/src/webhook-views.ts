import {
  MAX_WEBHOOK_URL,
  WEBHOOK_EVENT_TYPES,
  webhookDeliverySchema,
  webhookSchema,
} from '@b2b-charge/contracts';
import { z } from 'zod';
import { textField } from './fields.ts';

/** Webhooks are shown as their service tells them. */
export const webhookView = webhookSchema.meta({ id: 'Webhook' });
export const webhookDeliveryView = webhookDeliverySchema.meta({ id: 'WebhookDelivery' });
export const webhookDeliveryPage = z.object({
  deliveries: z.array(webhookDeliveryView),
  next_cursor: z.string().nullable(),
});

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
