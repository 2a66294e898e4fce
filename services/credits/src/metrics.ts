import { commandMetrics, connectionMetrics, createRegistry, readGauge, shared } from '@b2b-charge/runtime';
import { sql } from 'kysely';
import { Counter } from 'prom-client';
import type { Database } from './db/schema.ts';

export type CreditsMetrics = ReturnType<typeof createMetrics>;

interface Sources {
  readonly db: Database;
  readonly stuckAfterMs: number;
}

/** What an operator watches: the queue of people, and the queue of the ledger. */
export function createMetrics() {
  const registry = createRegistry();
  const connections = connectionMetrics(registry);
  let sources: Sources | null = null;
  const deliveries = new Counter({
    name: 'b2b_credits_deliveries_total',
    help: 'Attempts to post an approved credit, by what became of them',
    labelNames: ['result'],
    registers: [registry],
  });
  const read = shared(async () => (sources ? readOpen(sources) : null));
  readGauge(
    registry,
    {
      name: 'b2b_credits_open_requests',
      help: 'Requests that wait for an admin (pending) or for the ledger (approved)',
      labelNames: ['status'],
    },
    async () => {
      const open = await read();
      if (!open) return [];
      return [
        [{ status: 'pending' }, open.pending],
        [{ status: 'approved' }, open.approved],
      ];
    },
  );
  readGauge(
    registry,
    {
      name: 'b2b_credits_stuck_requests',
      help: 'Requests approved for longer than CREDIT_STUCK_AFTER_MS and not posted',
    },
    async () => (await read())?.stuck ?? [],
  );
  readGauge(
    registry,
    {
      name: 'b2b_credits_oldest_approved_seconds',
      help: 'Age of the oldest approved request that is not posted',
    },
    async () => (await read())?.oldest_s ?? [],
  );
  return {
    registry,
    commands: commandMetrics(registry),
    connections,
    countDelivery: (result: string): void => deliveries.inc({ result }),
    watch(given: Sources): void {
      sources = given;
    },
  };
}

async function readOpen({ db, stuckAfterMs }: Sources) {
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
