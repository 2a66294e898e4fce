import type { CallResponse } from '@b2b-charge/contracts';
import { sql } from 'kysely';
import type { Database } from '../db/database.ts';
import { newSecret, seal } from '../secrets/seal.ts';
import { type Actor, writeTrail } from './trail.ts';
import { lockEndpoint, webhookOf } from './view.ts';

interface Rotation extends Actor {
  readonly vendor_id: number;
  readonly id: number;
  /** Seconds that the secret before signs, too. */
  readonly overlap_s: number;
}

/** A new secret; of the older ones the newest signs beside it for a while, the others end now. Errors: NOT_FOUND. */
export function rotateSecret(
  db: Database,
  asked: Rotation,
  keys: readonly Buffer[],
): Promise<CallResponse<'webhooks.rotate-secret'>> {
  const { id, vendor_id, overlap_s } = asked;
  return db.transaction().execute(async (tx) => {
    await lockEndpoint(tx, { id, vendor_id });
    await sql`DELETE FROM webhooks.secrets WHERE endpoint_id = ${id}
      AND id <> (SELECT max(id) FROM webhooks.secrets WHERE endpoint_id = ${id})`.execute(tx);
    await sql`UPDATE webhooks.secrets SET expires_at = clock_timestamp() + ${overlap_s} * interval '1 second'
      WHERE endpoint_id = ${id}`.execute(tx);
    const secret = newSecret();
    await sql`INSERT INTO webhooks.secrets (endpoint_id, sealed)
      VALUES (${id}, ${seal(secret, id, keys)})`.execute(tx);
    await writeTrail(tx, asked, {
      action: 'secret-rotated',
      endpointId: id,
      vendorId: vendor_id,
      details: { overlap_s },
    });
    return { webhook: await webhookOf(tx, { id, vendor_id }), secret };
  });
}
