import type { CallResponse, WebhookDelivery } from '@b2b-charge/contracts';
import { readCursor } from '@b2b-charge/runtime';
import { type RawBuilder, sql } from 'kysely';
import type { Database, Tx } from '../db/database.ts';

interface Filter {
  readonly vendor_id?: number | null | undefined;
  readonly webhook_id?: number | null | undefined;
  readonly state?: WebhookDelivery['state'] | null | undefined;
  readonly limit: number;
  readonly cursor?: string | null | undefined;
}

interface Row {
  id: string;
  endpoint_id: number;
  vendor_id: number;
  event_id: string;
  type: string;
  state: WebhookDelivery['state'];
  attempts: number;
  last_status: number | null;
  last_error: string | null;
  created_at: Date;
  last_attempt_at: Date | null;
  finished_at: Date | null;
}

async function read(db: Database | Tx, rest: RawBuilder<unknown>): Promise<WebhookDelivery[]> {
  const { rows } = await sql<Row>`
    SELECT d.id, endpoint_id, d.vendor_id, event_id, type, state, attempts, last_status, d.last_error, d.created_at,
      last_attempt_at, finished_at
    FROM webhooks.deliveries d JOIN webhooks.endpoints e ON e.id = d.endpoint_id
    WHERE e.deleted_at IS NULL ${rest}`.execute(db);
  return rows.map(({ id, endpoint_id, created_at, last_attempt_at, finished_at, ...row }) => ({
    id: Number(id),
    webhook_id: endpoint_id,
    ...row,
    created_at: created_at.toISOString(),
    last_attempt_at: last_attempt_at?.toISOString() ?? null,
    finished_at: finished_at?.toISOString() ?? null,
  }));
}

/** Newest first; the cursor is the last id of the page before. Errors: BAD_REQUEST. */
export async function listDeliveries(
  db: Database,
  { vendor_id, webhook_id, state, limit, cursor }: Filter,
): Promise<CallResponse<'webhooks.deliveries'>> {
  const after = readCursor(cursor);
  const conditions = [
    vendor_id ? sql`AND d.vendor_id = ${vendor_id}` : sql``,
    webhook_id ? sql`AND endpoint_id = ${webhook_id}` : sql``,
    // Written out, so that the index of the dead or the waiting ones serves.
    state ? sql`AND state = ${sql.lit(state)}` : sql``,
    after ? sql`AND d.id < ${after}` : sql``,
  ];
  const rest = sql`${sql.join(conditions, sql` `)} ORDER BY d.id DESC LIMIT ${limit + 1}`;
  const found = await read(db, rest);
  const deliveries = found.slice(0, limit);
  return { deliveries, next_cursor: found.length > limit ? String(deliveries.at(-1)!.id) : null };
}

export async function deliveryOfEvent(
  db: Database | Tx,
  endpointId: number,
  eventId: string,
): Promise<WebhookDelivery> {
  const [delivery] = await read(db, sql`AND endpoint_id = ${endpointId} AND event_id = ${eventId}`);
  if (!delivery) throw new Error(`there is no delivery of event ${eventId}`);
  return delivery;
}
