import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '@b2b-charge/runtime';
import { type RawBuilder, sql } from 'kysely';
import type { Database } from '../db/database.ts';

interface JanitorOptions {
  readonly db: Database;
  readonly log: Logger;
  readonly everyMs: number;
  readonly keepDeliveredS: number;
  readonly keepDeadS: number;
}

/** Rows of one statement: a short lock, a short transaction. */
const BATCH = 5_000;

/** Takes away what is old, and gives up what waited too long for an endpoint that is disabled. */
export function startJanitor({ log, everyMs, ...options }: JanitorOptions): AsyncDisposable {
  const stopping = new AbortController();
  const { signal } = stopping;
  const loop = (async () => {
    while (!signal.aborted) {
      await clean(options).catch((error: Error) => log.warn({ err: error }, 'cleaning failed'));
      await sleep(everyMs, undefined, { signal }).catch(() => {});
    }
  })();
  return {
    [Symbol.asyncDispose]: () => {
      stopping.abort();
      return loop;
    },
  };
}

/** One round. Two replicas that clean at once do not hinder each other. */
export async function clean({
  db,
  keepDeliveredS,
  keepDeadS,
}: Pick<JanitorOptions, 'db' | 'keepDeliveredS' | 'keepDeadS'>): Promise<void> {
  await giveUpWaiting(db);
  await removeFinished(db, 'delivered', keepDeliveredS);
  await removeFinished(db, 'dead', keepDeadS);
  await removeWhere(db, sql`endpoint_id IN (SELECT id FROM webhooks.endpoints WHERE deleted_at IS NOT NULL)`);
  await sql`DELETE FROM webhooks.secrets WHERE expires_at < clock_timestamp()`.execute(db);
  await sql`DELETE FROM webhooks.endpoints e WHERE deleted_at IS NOT NULL
    AND NOT EXISTS (SELECT FROM webhooks.deliveries WHERE endpoint_id = e.id)`.execute(db);
}

const removeFinished = (db: Database, state: 'delivered' | 'dead', keepS: number): Promise<void> =>
  removeWhere(
    db,
    sql`state = ${sql.lit(state)} AND finished_at < clock_timestamp() - ${keepS} * interval '1 second'`,
  );

async function removeWhere(db: Database, condition: RawBuilder<unknown>): Promise<void> {
  for (;;) {
    const { numAffectedRows } = await sql`DELETE FROM webhooks.deliveries WHERE id IN (
      SELECT id FROM webhooks.deliveries WHERE ${condition} LIMIT ${BATCH} FOR UPDATE SKIP LOCKED)`.execute(
      db,
    );
    if (Number(numAffectedRows ?? 0) < BATCH) return;
  }
}

/** By endpoint, under its lock: the count of what waits is the endpoint's. */
async function giveUpWaiting(db: Database): Promise<void> {
  const { rows } = await sql<{ id: number }>`
    SELECT id FROM webhooks.endpoints WHERE NOT enabled AND pending > 0 AND deleted_at IS NULL`.execute(db);
  for (const { id } of rows) {
    await db.transaction().execute(async (tx) => {
      await sql`SELECT FROM webhooks.endpoints WHERE id = ${id} FOR UPDATE`.execute(tx);
      await sql`WITH dead AS (
          UPDATE webhooks.deliveries SET state = 'dead', finished_at = clock_timestamp(),
            last_error = coalesce(last_error, 'the webhook is disabled')
          WHERE id IN (SELECT id FROM webhooks.deliveries WHERE endpoint_id = ${id} AND state = 'pending'
            AND retry_until < clock_timestamp() ORDER BY id LIMIT ${BATCH})
          RETURNING id)
        UPDATE webhooks.endpoints SET pending = pending - (SELECT count(*) FROM dead) WHERE id = ${id} AND NOT enabled`.execute(
        tx,
      );
    });
  }
}
