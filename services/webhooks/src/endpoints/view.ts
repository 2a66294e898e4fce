import type { Webhook } from '@b2b-charge/contracts';
import { CallError } from '@b2b-charge/runtime';
import { type RawBuilder, sql } from 'kysely';
import type { Database, Tx } from '../db/database.ts';

interface Row
  extends Omit<
    Webhook,
    'failing_since' | 'last_success_at' | 'old_secret_until' | 'created_at' | 'updated_at'
  > {
  readonly failing_since: Date | null;
  readonly last_success_at: Date | null;
  readonly old_secret_until: Date | null;
  readonly created_at: Date;
  readonly updated_at: Date;
}

/** What everybody may see of an endpoint: nothing of its secrets but when the old one ends. */
async function read(db: Database | Tx, condition: RawBuilder<unknown>): Promise<Webhook[]> {
  const { rows } = await sql<Row>`
    SELECT id, vendor_id, url, event_types, description, enabled, disabled_reason, pending, failures, failing_since,
      last_success_at, last_error, created_by, created_at, updated_at,
      (SELECT max(expires_at) FROM webhooks.secrets s WHERE s.endpoint_id = e.id AND expires_at > clock_timestamp())
        AS old_secret_until
    FROM webhooks.endpoints e WHERE deleted_at IS NULL AND ${condition} ORDER BY id`.execute(db);
  return rows.map((row) => ({
    ...row,
    failing_since: row.failing_since?.toISOString() ?? null,
    last_success_at: row.last_success_at?.toISOString() ?? null,
    old_secret_until: row.old_secret_until?.toISOString() ?? null,
    created_at: row.created_at.toISOString(),
    updated_at: row.updated_at.toISOString(),
  }));
}

export const webhooksOf = (db: Database | Tx, vendorId: number): Promise<Webhook[]> =>
  read(db, sql`vendor_id = ${vendorId}`);

/** Throws NOT_FOUND, also for another vendor's. */
export async function webhookOf(
  db: Database | Tx,
  { id, vendor_id }: { id: number; vendor_id: number },
): Promise<Webhook> {
  const [webhook] = await read(db, sql`id = ${id} AND vendor_id = ${vendor_id}`);
  if (!webhook) throw notFound(id);
  return webhook;
}

export const notFound = (id: number): CallError => new CallError('NOT_FOUND', `there is no webhook ${id}`);

/** Locks an endpoint for a change. Throws NOT_FOUND, also for another vendor's. */
export async function lockEndpoint(tx: Tx, { id, vendor_id }: { id: number; vendor_id: number }) {
  const { rows } = await sql<{ id: number; pending: number; enabled: boolean }>`
    SELECT id, pending, enabled FROM webhooks.endpoints
    WHERE id = ${id} AND vendor_id = ${vendor_id} AND deleted_at IS NULL FOR UPDATE`.execute(tx);
  if (!rows[0]) throw notFound(id);
  return rows[0];
}
