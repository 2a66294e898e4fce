import type { Webhook } from '@b2b-charge/contracts';
import { sql } from 'kysely';
import type { Database } from '../db/database.ts';
import { checkUrl, type EndpointRules } from './endpoint-url.ts';
import { type Actor, writeTrail } from './trail.ts';
import { lockEndpoint, webhookOf } from './view.ts';

interface Change extends Actor {
  readonly vendor_id: number;
  readonly id: number;
  readonly url?: string | null | undefined;
  readonly event_types?: readonly string[] | null | undefined;
  readonly description?: string | null | undefined;
  readonly enabled?: boolean | null | undefined;
}

/**
 * Changes what is given. Enabled anew, an endpoint begins without its failures, and with what still waits for it.
 * Errors: NOT_FOUND, WEBHOOK_URL_NOT_ALLOWED.
 */
export function updateWebhook(db: Database, change: Change, rules: EndpointRules): Promise<Webhook> {
  const url = change.url ? checkUrl(change.url, rules) : null;
  const types = change.event_types ? [...new Set(change.event_types)].toSorted() : null;
  const { id, vendor_id, description = null, enabled = null } = change;
  return db.transaction().execute(async (tx) => {
    const before = await lockEndpoint(tx, { id, vendor_id });
    await sql`UPDATE webhooks.endpoints SET url = coalesce(${url}, url),
        event_types = coalesce(${types}::text[], event_types), description = coalesce(${description}, description),
        updated_at = clock_timestamp()
      WHERE id = ${id}`.execute(tx);
    if (enabled === true && !before.enabled) {
      await sql`UPDATE webhooks.endpoints SET enabled = true, disabled_reason = NULL, failures = 0,
          failing_since = NULL, last_error = NULL, due_at = CASE WHEN pending > 0 THEN clock_timestamp() END
        WHERE id = ${id}`.execute(tx);
    }
    if (enabled === false && before.enabled) {
      await sql`UPDATE webhooks.endpoints SET enabled = false, disabled_reason = 'by-hand'
        WHERE id = ${id}`.execute(tx);
    }
    const given = { url, event_types: types, description, enabled };
    const details = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== null));
    await writeTrail(tx, change, { action: 'updated', endpointId: id, vendorId: vendor_id, details });
    return webhookOf(tx, { id, vendor_id });
  });
}
