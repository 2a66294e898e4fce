import { sql } from 'kysely';
import { Counter, Gauge, Registry } from 'prom-client';
import type { Database } from './db/schema.ts';

export interface CreditsMetrics {
  readonly registry: Registry;
  countDelivery(result: string): void;
}

/** What an operator watches: the queue of people, and the queue of the ledger. */
export function createMetrics(db: Database, stuckAfterMs: number): CreditsMetrics {
  const registry = new Registry();
  const deliveries = new Counter({
    name: 'b2b_credits_deliveries_total',
    help: 'Attempts to post an approved credit, by what became of them',
    labelNames: ['result'],
    registers: [registry],
  });
  const requests = new Gauge({
    name: 'b2b_credits_open_requests',
    help: 'Requests that wait for an admin (pending) or for the ledger (approved)',
    labelNames: ['status'],
    registers: [registry],
    collect: async () => {
      const open = await readOpen(db, stuckAfterMs);
      requests.set({ status: 'pending' }, open.pending);
      requests.set({ status: 'approved' }, open.approved);
      stuck.set(open.stuck);
      oldest.set(open.oldest_s);
    },
  });
  const stuck = new Gauge({
    name: 'b2b_credits_stuck_requests',
    help: 'Requests approved for longer than CREDIT_STUCK_AFTER_MS and not posted',
    registers: [registry],
  });
  const oldest = new Gauge({
    name: 'b2b_credits_oldest_approved_seconds',
    help: 'Age of the oldest approved request that is not posted',
    registers: [registry],
  });
  return { registry, countDelivery: (result) => deliveries.inc({ result }) };
}

async function readOpen(db: Database, stuckAfterMs: number) {
  const { rows } = await sql<{ pending: number; approved: number; stuck: number; oldest_s: number }>`
    SELECT count(*) FILTER (WHERE status = 'pending')::int AS pending,
      count(*) FILTER (WHERE status = 'approved')::int AS approved,
      count(*) FILTER (WHERE status = 'approved'
        AND decided_at < clock_timestamp() - ${stuckAfterMs} * interval '1 millisecond')::int AS stuck,
      coalesce(max(extract(epoch FROM clock_timestamp() - decided_at))
        FILTER (WHERE status = 'approved'), 0)::float8 AS oldest_s
    FROM credits.requests WHERE status IN ('pending', 'approved')`.execute(db);
  return rows[0]!;
}
