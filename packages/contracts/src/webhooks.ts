import { z } from 'zod';
import { actor, instant, origin, page, vendorId } from './fields.ts';

const id = z.int().min(1).max(2_147_483_647);

/** Types of events that a webhook may ask for: those of LEDGER_EVENTS that concern a vendor's books. */
export const WEBHOOK_EVENT_TYPES = [
  'charge-posted',
  'charge-rejected',
  'credit-posted',
  'credit-rejected',
  'reversal-posted',
  'reversal-rejected',
  'update-vendor-posted',
] as const;
export const MAX_WEBHOOK_URL = 2_048;
/** Two secrets may be active at once; the older one for at most so long. */
export const MAX_SECRET_OVERLAP_S = 7 * 86_400;

/** Why an endpoint is disabled: by hand, after failing for long, or because it answered 410 Gone. */
export const WEBHOOK_DISABLED_REASONS = ['by-hand', 'failing', 'gone'] as const;
export const WEBHOOK_DELIVERY_STATES = ['pending', 'delivered', 'dead'] as const;

const eventTypes = z.array(z.enum(WEBHOOK_EVENT_TYPES)).min(1).max(WEBHOOK_EVENT_TYPES.length);
const url = z.string().min(1).max(MAX_WEBHOOK_URL);
const description = z.string().max(100);

export const webhookSchema = z.object({
  id,
  vendor_id: vendorId,
  url: z.string(),
  event_types: z.array(z.string()),
  description: z.string().nullable(),
  enabled: z.boolean(),
  disabled_reason: z.enum(WEBHOOK_DISABLED_REASONS).nullable(),
  /** Deliveries that wait. */
  pending: z.int(),
  /** Attempts that failed since the last success. */
  failures: z.int(),
  failing_since: z.string().nullable(),
  last_success_at: z.string().nullable(),
  last_error: z.string().nullable(),
  /** Until when the secret before the newest one signs, too. */
  old_secret_until: z.string().nullable(),
  created_by: z.string(),
  created_at: z.string(),
  updated_at: z.string(),
});
export type Webhook = z.infer<typeof webhookSchema>;

export const webhookDeliverySchema = z.object({
  id: z.int(),
  webhook_id: id,
  vendor_id: vendorId,
  /** The `webhook-id` header: the transaction's id, the same at every attempt. */
  event_id: z.string(),
  type: z.string(),
  state: z.enum(WEBHOOK_DELIVERY_STATES),
  attempts: z.int(),
  last_status: z.int().nullable(),
  last_error: z.string().nullable(),
  created_at: z.string(),
  last_attempt_at: z.string().nullable(),
  finished_at: z.string().nullable(),
});
export type WebhookDelivery = z.infer<typeof webhookDeliverySchema>;

const one = { vendor_id: vendorId, id };
const by = { by: actor, origin };

/** Request/reply calls on the webhooks service. Errors: NOT_FOUND, WEBHOOK_URL_NOT_ALLOWED, TOO_MANY_WEBHOOKS. */
export const WEBHOOK_CALLS = {
  /** The secret is told once, here. */
  'webhooks.create': {
    request: z.object({
      vendor_id: vendorId,
      url,
      event_types: eventTypes,
      description: description.nullish(),
      ...by,
    }),
    response: z.object({ webhook: webhookSchema, secret: z.string() }),
  },
  'webhooks.list': {
    request: z.object({ vendor_id: vendorId }),
    response: z.object({ webhooks: z.array(webhookSchema) }),
  },
  'webhooks.update': {
    request: z.object({
      ...one,
      url: url.nullish(),
      event_types: eventTypes.nullish(),
      description: description.nullish(),
      enabled: z.boolean().nullish(),
      ...by,
    }),
    response: webhookSchema,
  },
  'webhooks.delete': { request: z.object({ ...one, ...by }), response: webhookSchema },
  /** A new secret; the one before signs beside it for `overlap_s` seconds. */
  'webhooks.rotate-secret': {
    request: z.object({ ...one, overlap_s: z.int().min(0).max(MAX_SECRET_OVERLAP_S).default(86_400), ...by }),
    response: z.object({ webhook: webhookSchema, secret: z.string() }),
  },
  /** Queues an event of the type "test". */
  'webhooks.test': { request: z.object({ ...one, ...by }), response: webhookDeliverySchema },
  'webhooks.deliveries': {
    request: z.object({
      vendor_id: vendorId.nullish(),
      webhook_id: id.nullish(),
      state: z.enum(WEBHOOK_DELIVERY_STATES).nullish(),
      ...page,
    }),
    response: z.object({ deliveries: z.array(webhookDeliverySchema), next_cursor: z.string().nullable() }),
  },
  /** Dead deliveries wait again: these, or those of one webhook, or all, that were made in a span of time. */
  'webhooks.replay': {
    request: z.object({
      ids: z.array(z.int().min(1)).min(1).max(1000).nullish(),
      webhook_id: id.nullish(),
      /** Inclusive. */
      from: instant.nullish(),
      /** Exclusive. */
      to: instant.nullish(),
      ...by,
    }),
    /** At most 10,000 at a time: repeat while there are `more`. */
    response: z.object({ replayed: z.int(), more: z.boolean() }),
  },
} as const;
