import type { Webhook } from '@b2b-charge/contracts';
import { sql } from 'kysely';
import type { Database } from '../db/database.ts';
import { type Actor, writeTrail } from './trail.ts';
import { lockEndpoint, webhookOf } from './view.ts';

/** Ends an endpoint: its secrets are gone at once, its deliveries in a while. Errors: NOT_FOUND. */
export function deleteWebhook(
  db: Database,
  asked: Actor & { readonly vendor_id: number; readonly id: number },
): Promise<Webhook> {
  const { id, vendor_id } = asked;
  return db.transaction().execute(async (tx) => {
    await lockEndpoint(tx, { id, vendor_id });
    const webhook = await webhookOf(tx, { id, vendor_id });
    await sql`UPDATE webhooks.endpoints SET deleted_at = clock_timestamp(), enabled = false,
        disabled_reason = coalesce(disabled_reason, 'by-hand'), lease_token = NULL, lease_until = NULL
      WHERE id = ${id}`.execute(tx);
    await sql`DELETE FROM webhooks.secrets WHERE endpoint_id = ${id}`.execute(tx);
    await writeTrail(tx, asked, {
      action: 'deleted',
      endpointId: id,
      vendorId: vendor_id,
      details: { url: webhook.url },
    });
    return webhook;
  });
}
