import { sql } from 'kysely';
import type { Database, Tx } from '../db/database.ts';
import type { Claimed, Due } from './claim.ts';

/** What an attempt means for its delivery and its endpoint. */
export type Verdict =
  | { readonly kind: 'delivered'; readonly status: number }
  /** Again after the pause; dead if its time is over then. */
  | {
      readonly kind: 'again';
      readonly status: number | null;
      readonly error: string;
      readonly pauseMs: number;
    }
  /** The endpoint is gone for good. */
  | { readonly kind: 'gone'; readonly status: number; readonly error: string };

interface SettleRules {
  readonly disableAfterMs: number;
}

interface Locked {
  readonly failing_ms: number;
}

export type Settled = 'delivered' | 'again' | 'dead' | 'lost';

/** How often in a row the endpoint has failed. */
export async function failuresOf(db: Database, { id }: Claimed): Promise<number> {
  const { rows } = await sql<{ failures: number }>`
    SELECT failures FROM webhooks.endpoints WHERE id = ${id}`.execute(db);
  return rows[0]?.failures ?? 0;
}

/** Writes down what became of an attempt. "lost": the endpoint was no longer ours, and somebody else has its queue. */
export function settle(
  db: Database,
  claimed: Claimed,
  due: Due,
  verdict: Verdict,
  rules: SettleRules,
): Promise<Settled> {
  return db.transaction().execute(async (tx) => {
    const endpoint = await lock(tx, claimed);
    if (!endpoint) return 'lost';
    switch (verdict.kind) {
      case 'delivered': {
        const ended = await finish(tx, due, 'delivered', { status: verdict.status, error: null });
        await sql`UPDATE webhooks.endpoints SET pending = pending - ${ended}, failures = 0, failing_since = NULL,
            last_success_at = clock_timestamp(), last_error = NULL WHERE id = ${claimed.id}`.execute(tx);
        return 'delivered';
      }
      case 'gone': {
        const ended = await finish(tx, due, 'dead', verdict);
        await disable(tx, claimed, { reason: 'gone', error: verdict.error, ended });
        return 'dead';
      }
      case 'again': {
        const dead = await isOver(tx, due, verdict.pauseMs);
        const ended = dead ? await finish(tx, due, 'dead', verdict) : await retry(tx, due, verdict);
        if (endpoint.failing_ms >= rules.disableAfterMs) {
          await disable(tx, claimed, { reason: 'failing', error: verdict.error, ended });
        } else {
          await sql`UPDATE webhooks.endpoints SET pending = pending - ${ended}, failures = failures + 1,
              failing_since = coalesce(failing_since, clock_timestamp()), last_error = ${verdict.error},
              due_at = clock_timestamp() + ${verdict.pauseMs} * interval '1 millisecond'
            WHERE id = ${claimed.id}`.execute(tx);
        }
        return dead ? 'dead' : 'again';
      }
    }
  });
}

async function lock(tx: Tx, { id, lease_token }: Claimed): Promise<Locked | undefined> {
  const { rows } = await sql<Locked>`
    SELECT coalesce(extract(epoch FROM clock_timestamp() - failing_since) * 1000, 0)::float8 AS failing_ms
    FROM webhooks.endpoints WHERE id = ${id} AND lease_token = ${lease_token} FOR UPDATE`.execute(tx);
  return rows[0];
}

async function isOver(tx: Tx, due: Due, pauseMs: number): Promise<boolean> {
  const { rows } = await sql`SELECT FROM webhooks.deliveries WHERE id = ${due.id}
    AND retry_until < clock_timestamp() + ${pauseMs} * interval '1 millisecond'`.execute(tx);
  return rows.length > 0;
}

interface Told {
  readonly status: number | null;
  readonly error: string | null;
}

/** How many no longer wait: one, or none if it was taken away meanwhile. */
async function finish(
  tx: Tx,
  due: Due,
  state: 'delivered' | 'dead',
  { status, error }: Told,
): Promise<number> {
  const { numAffectedRows } = await sql`
    UPDATE webhooks.deliveries SET state = ${state}, attempts = attempts + 1, last_status = ${status},
      last_error = ${error}, last_attempt_at = clock_timestamp(), finished_at = clock_timestamp()
    WHERE id = ${due.id} AND state = 'pending'`.execute(tx);
  return Number(numAffectedRows ?? 0);
}

async function retry(tx: Tx, due: Due, { status, error }: Told): Promise<number> {
  await sql`UPDATE webhooks.deliveries SET attempts = attempts + 1, last_status = ${status}, last_error = ${error},
      last_attempt_at = clock_timestamp()
    WHERE id = ${due.id} AND state = 'pending'`.execute(tx);
  return 0;
}

/** What waits stays, and is dead when its time is over; enabled again before that, it goes on. */
async function disable(
  tx: Tx,
  { id }: Claimed,
  { reason, error, ended }: { reason: 'failing' | 'gone'; error: string; ended: number },
): Promise<void> {
  await sql`UPDATE webhooks.endpoints SET enabled = false, disabled_reason = ${reason}, pending = pending - ${ended},
      failures = failures + 1, failing_since = coalesce(failing_since, clock_timestamp()), last_error = ${error},
      updated_at = clock_timestamp()
    WHERE id = ${id}`.execute(tx);
}

/**
 * Lets an endpoint go, to the end of the queue if more waits. The row is locked first and looked into after that: whoever
 * recorded an event meanwhile did so under the same lock, and what it added is seen.
 */
export function release(db: Database, { id, lease_token }: Claimed): Promise<void> {
  return db.transaction().execute(async (tx) => {
    const { rows } =
      await sql`SELECT FROM webhooks.endpoints WHERE id = ${id} AND lease_token = ${lease_token}
      FOR UPDATE`.execute(tx);
    if (rows.length === 0) return;
    await sql`UPDATE webhooks.endpoints SET lease_token = NULL, lease_until = NULL,
        due_at = CASE WHEN EXISTS (SELECT FROM webhooks.deliveries WHERE endpoint_id = ${id} AND state = 'pending')
          THEN greatest(due_at, clock_timestamp()) END
      WHERE id = ${id}`.execute(tx);
  });
}
