import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '@b2b-charge/runtime';
import { sql } from 'kysely';
import type { Database } from '../db/database.ts';

const LEASE_MS = 6_000;
const RENEW_MS = 2_000;

interface LeaseOptions {
  readonly db: Database;
  readonly log: Logger;
  readonly name: string;
  /** Runs while the lease is ours; what it returns is disposed when the lease is lost or given up. */
  readonly whileHeld: () => AsyncDisposable;
}

/**
 * One of the replicas does something that only one must do at a time; another takes over within some seconds of its
 * end. Two may overlap when one was paused: what they do must bear that.
 */
export function holdLease({ db, log, name, whileHeld }: LeaseOptions): AsyncDisposable {
  const owner = randomUUID();
  const stopping = new AbortController();
  const { signal } = stopping;
  const loop = (async () => {
    let held: AsyncDisposable | null = null;
    let heldUntil = 0;
    while (!signal.aborted) {
      const askedAt = Date.now();
      const mine = await take(db, name, owner).catch((error: Error) => {
        log.warn({ err: error, lease: name }, 'lease not renewed');
        // Still ours for what is left of it.
        return askedAt < heldUntil;
      });
      if (mine && !held) held = whileHeld();
      if (mine && Date.now() - askedAt < RENEW_MS)
        heldUntil = Math.max(heldUntil, askedAt + LEASE_MS - RENEW_MS);
      if (!mine && held) {
        log.warn({ lease: name }, 'lease lost');
        await held[Symbol.asyncDispose]();
        held = null;
      }
      await sleep(RENEW_MS, undefined, { signal }).catch(() => {});
    }
    await held?.[Symbol.asyncDispose]();
    await sql`UPDATE webhooks.leases SET until = clock_timestamp() WHERE name = ${name} AND owner = ${owner}`
      .execute(db)
      .catch(() => {});
  })();
  return {
    [Symbol.asyncDispose]: () => {
      stopping.abort();
      return loop;
    },
  };
}

async function take(db: Database, name: string, owner: string): Promise<boolean> {
  const { rows } = await sql`
    INSERT INTO webhooks.leases AS l (name, owner, until)
    VALUES (${name}, ${owner}, clock_timestamp() + ${LEASE_MS} * interval '1 millisecond')
    ON CONFLICT (name) DO UPDATE SET owner = excluded.owner, until = excluded.until
      WHERE l.owner = excluded.owner OR l.until < clock_timestamp()
    RETURNING name`.execute(db);
  return rows.length > 0;
}
