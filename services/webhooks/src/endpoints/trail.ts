import { sql } from 'kysely';
import type { Tx } from '../db/database.ts';

export interface Actor {
  readonly by: string;
  readonly origin?: string | null | undefined;
}

interface TrailEntry {
  readonly action: 'created' | 'updated' | 'deleted' | 'secret-rotated' | 'tested' | 'replayed';
  readonly endpointId: number | null;
  readonly vendorId: number | null;
  readonly details?: Record<string, unknown>;
}

/** Who did what, from where: in the transaction of the deed itself. */
export async function writeTrail(
  tx: Tx,
  { by, origin }: Actor,
  { action, endpointId, vendorId, details = {} }: TrailEntry,
): Promise<void> {
  await sql`INSERT INTO webhooks.audit_trail (actor, origin, action, endpoint_id, vendor_id, details)
    VALUES (${by}, ${origin ?? null}, ${action}, ${endpointId}, ${vendorId}, ${JSON.stringify(details)})`.execute(
    tx,
  );
}
