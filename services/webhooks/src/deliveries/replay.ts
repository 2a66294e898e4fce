import type { CallResponse } from '@b2b-charge/contracts';
import { sql } from 'kysely';
import type { Database } from '../db/database.ts';
import { type Actor, writeTrail } from '../endpoints/trail.ts';

interface Replay extends Actor {
  readonly ids?: readonly number[] | null | undefined;
  readonly webhook_id?: number | null | undefined;
  readonly from?: string | null | undefined;
  readonly to?: string | null | undefined;
}

const AT_MOST = 10_000;

/**
 * Lets dead deliveries wait again, in their old place and under their old ids, with a full time to be retried. Those of a
 * disabled endpoint wait until it is enabled.
 */
export function replay(
  db: Database,
  asked: Replay,
  { retryForMs }: { retryForMs: number },
): Promise<CallResponse<'webhooks.replay'>> {
  return db.transaction().execute(async (tx) => {
    const { rows: wanted } = await sql<{ id: string; endpoint_id: number }>`
      SELECT d.id, endpoint_id FROM webhooks.deliveries d
        JOIN webhooks.endpoints e ON e.id = endpoint_id AND e.deleted_at IS NULL
      WHERE state = 'dead' AND (${asked.ids ?? null}::bigint[] IS NULL OR d.id = ANY(${asked.ids ?? null}::bigint[]))
        AND (${asked.webhook_id ?? null}::int IS NULL OR endpoint_id = ${asked.webhook_id ?? null})
        AND (${asked.from ?? null}::timestamptz IS NULL OR d.created_at >= ${asked.from ?? null}::timestamptz)
        AND (${asked.to ?? null}::timestamptz IS NULL OR d.created_at < ${asked.to ?? null}::timestamptz)
      ORDER BY d.id LIMIT ${AT_MOST + 1}`.execute(tx);
    const chosen = wanted.slice(0, AT_MOST);
    const endpoints = [...new Set(chosen.map(({ endpoint_id }) => endpoint_id))].toSorted((a, b) => a - b);
    await sql`SELECT FROM webhooks.endpoints WHERE id = ANY(${endpoints}::int[]) ORDER BY id FOR UPDATE`.execute(
      tx,
    );
    const { rows } = await sql<{ replayed: number }>`
      WITH waiting AS (
        UPDATE webhooks.deliveries SET state = 'pending', finished_at = NULL, attempts = 0,
          retry_until = clock_timestamp() + ${retryForMs} * interval '1 millisecond'
        WHERE id = ANY(${chosen.map(({ id }) => id)}::bigint[]) AND state = 'dead' RETURNING endpoint_id
      ), counted AS (
        SELECT endpoint_id, count(*)::int AS count FROM waiting GROUP BY endpoint_id
      ), woken AS (
        UPDATE webhooks.endpoints e SET pending = pending + count, due_at = clock_timestamp()
        FROM counted c WHERE e.id = c.endpoint_id
      )
      SELECT coalesce(sum(count), 0)::int AS replayed FROM counted`.execute(tx);
    const { replayed } = rows[0]!;
    const { ids, webhook_id, from, to } = asked;
    await writeTrail(tx, asked, {
      action: 'replayed',
      endpointId: webhook_id ?? null,
      vendorId: null,
      details: { replayed, ids: ids ?? null, from: from ?? null, to: to ?? null },
    });
    return { replayed, more: wanted.length > AT_MOST };
  });
}
