import { sql } from 'kysely';
import type { Database } from '../db/database.ts';

/** An endpoint that is ours to serve until the lease runs out. */
export interface Claimed {
  readonly id: number;
  readonly vendor_id: number;
  readonly lease_token: string;
}

/**
 * Takes up to `atMost` endpoints whose time has come, those that have waited longest first. Who dies with one in hand
 * leaves it to the others when the lease has run out: its delivery is then sent once more, under the same id.
 */
export async function claimEndpoints(db: Database, atMost: number, leaseMs: number): Promise<Claimed[]> {
  const { rows } = await sql<Claimed>`
    UPDATE webhooks.endpoints SET lease_token = gen_random_uuid(),
      lease_until = clock_timestamp() + ${leaseMs} * interval '1 millisecond'
    WHERE id IN (
      SELECT id FROM webhooks.endpoints
      WHERE enabled AND due_at <= clock_timestamp()
        AND (lease_until IS NULL OR lease_until < clock_timestamp())
      ORDER BY due_at LIMIT ${atMost} FOR UPDATE SKIP LOCKED)
    RETURNING id, vendor_id, lease_token`.execute(db);
  return rows;
}

export interface Due {
  /** Where the endpoint is by now: it may have been changed since it was claimed. */
  readonly url: string;
  readonly id: string;
  readonly event_id: string;
  readonly type: string;
  readonly body: string;
  readonly created_ms: number;
}

/**
 * The next delivery of an endpoint that is still ours, and the lease anew. Null: nothing waits, or it is no longer ours.
 */
export async function nextDelivery(
  db: Database,
  { id, lease_token }: Claimed,
  leaseMs: number,
): Promise<Due | null> {
  const { rows } = await sql<Due>`
    WITH mine AS (
      UPDATE webhooks.endpoints SET lease_until = clock_timestamp() + ${leaseMs} * interval '1 millisecond'
      WHERE id = ${id} AND lease_token = ${lease_token} AND enabled RETURNING id, url
    )
    SELECT mine.url, d.id, event_id, type, body, (extract(epoch FROM created_at) * 1000)::float8 AS created_ms
    FROM webhooks.deliveries d JOIN mine ON d.endpoint_id = mine.id
    WHERE d.state = 'pending' ORDER BY d.id LIMIT 1`.execute(db);
  return rows[0] ?? null;
}

/** The secrets that sign now, the newest first. */
export async function activeSecrets(db: Database, endpointId: number): Promise<Buffer[]> {
  const { rows } = await sql<{ sealed: Buffer }>`
    SELECT sealed FROM webhooks.secrets
    WHERE endpoint_id = ${endpointId} AND (expires_at IS NULL OR expires_at > clock_timestamp())
    ORDER BY id DESC LIMIT 2`.execute(db);
  return rows.map(({ sealed }) => sealed);
}
