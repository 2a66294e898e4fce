import type { CallResponse } from '@b2b-charge/contracts';
import { CallError } from '@b2b-charge/runtime';
import { sql } from 'kysely';
import type { Database, Tx } from '../db/database.ts';
import { newSecret, seal } from '../secrets/seal.ts';
import { checkUrl, type EndpointRules } from './endpoint-url.ts';
import { type Actor, writeTrail } from './trail.ts';
import { webhookOf } from './view.ts';

interface NewWebhook extends Actor {
  readonly vendor_id: number;
  readonly url: string;
  readonly event_types: readonly string[];
  readonly description?: string | null | undefined;
}

export interface CreateRules extends EndpointRules {
  readonly keys: readonly Buffer[];
  readonly maxPerVendor: number;
}

/** Errors: WEBHOOK_URL_NOT_ALLOWED, TOO_MANY_WEBHOOKS. */
export function createWebhook(
  db: Database,
  asked: NewWebhook,
  rules: CreateRules,
): Promise<CallResponse<'webhooks.create'>> {
  const url = checkUrl(asked.url, rules);
  const types = [...new Set(asked.event_types)].toSorted();
  return db.transaction().execute(async (tx) => {
    await refuseTooMany(tx, asked.vendor_id, rules.maxPerVendor);
    const { rows } = await sql<{ id: number }>`
      INSERT INTO webhooks.endpoints (vendor_id, url, event_types, description, created_by)
      VALUES (${asked.vendor_id}, ${url}, ${types}::text[], ${asked.description ?? null}, ${asked.by})
      RETURNING id`.execute(tx);
    const id = rows[0]!.id;
    const secret = newSecret();
    await sql`INSERT INTO webhooks.secrets (endpoint_id, sealed)
      VALUES (${id}, ${seal(secret, id, rules.keys)})`.execute(tx);
    await writeTrail(tx, asked, {
      action: 'created',
      endpointId: id,
      vendorId: asked.vendor_id,
      details: { url, event_types: types },
    });
    return { webhook: await webhookOf(tx, { id, vendor_id: asked.vendor_id }), secret };
  });
}

async function refuseTooMany(tx: Tx, vendorId: number, max: number): Promise<void> {
  // Two at once must not both be the last: one waits here until the other's transaction is over.
  await sql`SELECT pg_advisory_xact_lock(hashtext('webhooks.endpoints'), ${vendorId}::int)`.execute(tx);
  const { rows } = await sql<{ count: number }>`
    SELECT count(*)::int AS count FROM webhooks.endpoints
    WHERE vendor_id = ${vendorId} AND deleted_at IS NULL`.execute(tx);
  if (rows[0]!.count >= max) throw new CallError('TOO_MANY_WEBHOOKS', `a vendor may have ${max}`);
}
