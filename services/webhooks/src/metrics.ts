import { connectionMetrics, createRegistry, readGauge, shared } from '@b2b-charge/runtime';
import { sql } from 'kysely';
import { Counter, Histogram } from 'prom-client';
import type { Database } from './db/database.ts';

export type WebhookMetrics = ReturnType<typeof createMetrics>;

/** What an operator watches: what waits and for how long, what fails, and what was given up. */
export function createMetrics() {
  const registry = createRegistry();
  const connections = connectionMetrics(registry);
  let source: Database | null = null;
  const recorded = new Counter({
    name: 'b2b_webhooks_recorded_total',
    help: 'Deliveries that an event has made',
    registers: [registry],
  });
  const attempts = new Histogram({
    name: 'b2b_webhooks_attempt_seconds',
    help: 'Attempts to deliver, by their result: the class of the status, blocked, timeout or failed',
    labelNames: ['result'],
    buckets: [0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30],
    registers: [registry],
  });
  const settled = new Histogram({
    name: 'b2b_webhooks_delivery_seconds',
    help: 'From the event to the end of its delivery, by the result: delivered or dead',
    labelNames: ['result'],
    buckets: [0.1, 0.3, 1, 3, 10, 60, 600, 3_600, 86_400],
    registers: [registry],
  });
  const read = shared(async () => (source ? readQueue(source) : null));
  const gauge = (name: string, help: string, pick: (queue: Queue) => number) =>
    readGauge(registry, { name, help }, async () => {
      const queue = await read();
      return queue ? pick(queue) : [];
    });
  gauge('b2b_webhooks_pending', 'Deliveries that wait', ({ pending }) => pending);
  gauge(
    'b2b_webhooks_oldest_pending_seconds',
    'Age of the oldest delivery that waits for an enabled endpoint',
    ({ oldest_s }) => oldest_s,
  );
  gauge('b2b_webhooks_dead', 'Deliveries on the dead list', ({ dead }) => dead);
  gauge('b2b_webhooks_failing', 'Endpoints whose last attempt failed', ({ failing }) => failing);
  gauge(
    'b2b_webhooks_disabled',
    'Endpoints that were disabled because they failed or are gone',
    ({ disabled }) => disabled,
  );
  return {
    registry,
    connections,
    recorded: (count: number): void => recorded.inc(count),
    attempted: (result: string, seconds: number): void => attempts.observe({ result }, seconds),
    settled: (result: 'delivered' | 'dead', seconds: number): void => settled.observe({ result }, seconds),
    watch(db: Database): void {
      source = db;
    },
  };
}

interface Queue {
  readonly pending: number;
  readonly oldest_s: number;
  readonly dead: number;
  readonly failing: number;
  readonly disabled: number;
}

/** The oldest by endpoint, over the index of what waits; the dead are few, or somebody should look. */
async function readQueue(db: Database): Promise<Queue> {
  const { rows } = await sql<Queue>`
    SELECT coalesce(sum(pending), 0)::int AS pending,
      count(*) FILTER (WHERE enabled AND failures > 0)::int AS failing,
      count(*) FILTER (WHERE disabled_reason IN ('failing', 'gone'))::int AS disabled,
      coalesce(max(extract(epoch FROM clock_timestamp() - oldest.created_at)), 0)::float8 AS oldest_s,
      (SELECT count(*) FROM webhooks.deliveries WHERE state = 'dead')::int AS dead
    FROM webhooks.endpoints e LEFT JOIN LATERAL (
      SELECT created_at FROM webhooks.deliveries d
      WHERE e.enabled AND e.pending > 0 AND d.endpoint_id = e.id AND d.state = 'pending' ORDER BY d.id LIMIT 1
    ) oldest ON true
    WHERE deleted_at IS NULL`.execute(db);
  return rows[0]!;
}
