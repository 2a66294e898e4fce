import type { WEBHOOK_CALLS } from '@b2b-charge/contracts';
import type { CallHandlers } from '@b2b-charge/runtime';
import type { Database } from './db/database.ts';
import { listDeliveries } from './deliveries/list-deliveries.ts';
import { replay } from './deliveries/replay.ts';
import { type CreateRules, createWebhook } from './endpoints/create-webhook.ts';
import { deleteWebhook } from './endpoints/delete-webhook.ts';
import { rotateSecret } from './endpoints/rotate-secret.ts';
import { sendTest } from './endpoints/send-test.ts';
import { updateWebhook } from './endpoints/update-webhook.ts';
import { webhooksOf } from './endpoints/view.ts';
import type { RecordRules } from './intake/record.ts';

interface CallsOptions {
  readonly db: Database;
  readonly rules: CreateRules & RecordRules;
  /** There may be something to deliver. */
  readonly nudge: () => void;
}

/** The calls by name; each verb is its own file. */
export function webhooksCalls({ db, rules, nudge }: CallsOptions): CallHandlers<keyof typeof WEBHOOK_CALLS> {
  return {
    'webhooks.create': (asked) => createWebhook(db, asked, rules),
    'webhooks.list': async ({ vendor_id }) => ({ webhooks: await webhooksOf(db, vendor_id) }),
    'webhooks.update': (change) => updateWebhook(db, change, rules).finally(nudge),
    'webhooks.delete': (asked) => deleteWebhook(db, asked),
    'webhooks.rotate-secret': (asked) => rotateSecret(db, asked, rules.keys),
    'webhooks.test': (asked) => sendTest(db, asked, rules).finally(nudge),
    'webhooks.deliveries': (filter) => listDeliveries(db, filter),
    'webhooks.replay': (asked) => replay(db, asked, rules).finally(nudge),
  };
}
