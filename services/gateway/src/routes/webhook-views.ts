import { webhookDeliverySchema, webhookSchema } from '@b2b-charge/contracts';
import { z } from 'zod';

/** Webhooks are shown as their service tells them. */
export const webhookView = webhookSchema.meta({ id: 'Webhook' });
export const webhookDeliveryView = webhookDeliverySchema.meta({ id: 'WebhookDelivery' });
export const webhookDeliveryPage = z.object({
  deliveries: z.array(webhookDeliveryView),
  next_cursor: z.string().nullable(),
});
