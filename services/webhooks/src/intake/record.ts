import type { OutcomeEvent } from '@b2b-charge/client';
import { sql } from 'kysely';
import type { Database, Tx } from '../db/database.ts';

export interface RecordRules {
  /** A delivery that still fails after this time is dead. */
  readonly retryForMs: number;
  /** Deliveries that may wait for one endpoint; more are dead at once. */
  readonly maxPending: number;
}

interface Listener {
  readonly id: number;
  readonly vendor_id: number;
  readonly event_types: readonly string[];
  readonly room: number;
  readonly from_ms: number;
}

/** One delivery to be. */
export interface NewDelivery {
  readonly endpointId: number;
  readonly vendorId: number;
  readonly eventId: string;
  readonly type: string;
  readonly body: string;
}

/** Clocks of the ledger and of PostgreSQL may differ by so much. */
const CLOCK_SKEW_MS = 1_000;

/**
 * Owes each event to the endpoints that asked for it, in the order of the stream; what is owed already stays as it is.
 * Returns how many were new.
 */
export async function recordEvents(
  db: Database,
  events: readonly OutcomeEvent[],
  rules: RecordRules,
): Promise<number> {
  return db.transaction().execute(async (tx) => {
    const listeners = await lockListeners(
      tx,
      events.map(({ vendorId }) => vendorId),
      rules,
    );
    if (listeners.length === 0) return 0;
    const deliveries = events.flatMap((event) =>
      listeners.filter((listener) => hears(listener, event)).map(({ id }) => deliveryOf(event, id)),
    );
    return enqueue(tx, deliveries, listeners, rules);
  });
}

/**
 * Locked until the deliveries are in: whoever finishes an endpoint's last delivery meanwhile must see that there are more
 * (see settle.ts). In the order of their ids, as everywhere.
 */
async function lockListeners(tx: Tx, vendorIds: readonly number[], { maxPending }: RecordRules) {
  const { rows } = await sql<Listener>`
    SELECT id, vendor_id, event_types, ${maxPending} - pending AS room,
      (extract(epoch FROM created_at) * 1000)::float8 AS from_ms
    FROM webhooks.endpoints
    WHERE vendor_id = ANY(${[...new Set(vendorIds)]}::int[]) AND enabled AND deleted_at IS NULL
    ORDER BY id FOR NO KEY UPDATE`.execute(tx);
  return rows;
}

function hears(listener: Listener, { vendorId, type, outcome }: OutcomeEvent): boolean {
  return (
    listener.vendor_id === vendorId &&
    listener.event_types.includes(type) &&
    Date.parse(outcome.transaction.created_at) >= listener.from_ms - CLOCK_SKEW_MS
  );
}

function deliveryOf(
  { transactionId, vendorId, type, outcome }: OutcomeEvent,
  endpointId: number,
): NewDelivery {
  const { transaction } = outcome;
  return {
    endpointId,
    vendorId,
    eventId: transactionId,
    type,
    body: bodyOf(type, transaction.created_at, transaction),
  };
}

/** What is sent, and signed: made once, so that every attempt sends the same. */
export const bodyOf = (type: string, timestamp: string, data: unknown): string =>
  JSON.stringify({ type, timestamp, data });

/** Puts deliveries into the queues of endpoints that are locked. Returns how many were new. */
export async function enqueue(
  tx: Tx,
  deliveries: readonly NewDelivery[],
  endpoints: readonly { readonly id: number; readonly room: number }[],
  { retryForMs }: Pick<RecordRules, 'retryForMs'>,
): Promise<number> {
  if (deliveries.length === 0) return 0;
  const column = <K extends keyof NewDelivery>(name: K) => deliveries.map((delivery) => delivery[name]);
  const { rows } = await sql<{ added: number }>`
    WITH new AS (
      SELECT * FROM unnest(${column('endpointId')}::int[], ${column('vendorId')}::int[], ${column('eventId')}::text[],
        ${column('type')}::text[], ${column('body')}::text[]) WITH ORDINALITY
        AS new (endpoint_id, vendor_id, event_id, type, body, place)
    ), numbered AS (
      SELECT new.*, row_number() OVER (PARTITION BY endpoint_id ORDER BY place) AS number FROM new
      WHERE NOT EXISTS (SELECT FROM webhooks.deliveries d
        WHERE d.endpoint_id = new.endpoint_id AND d.event_id = new.event_id)
    ), added AS (
      INSERT INTO webhooks.deliveries
        (endpoint_id, vendor_id, event_id, type, body, state, last_error, retry_until, finished_at)
      SELECT endpoint_id, vendor_id, event_id, type, body,
        CASE WHEN number <= room THEN 'pending' ELSE 'dead' END,
        CASE WHEN number > room THEN 'too many deliveries wait for this webhook' END,
        clock_timestamp() + ${retryForMs} * interval '1 millisecond',
        CASE WHEN number > room THEN clock_timestamp() END
      FROM numbered JOIN unnest(${endpoints.map(({ id }) => id)}::int[], ${endpoints.map(({ room }) => room)}::int[])
        AS room (endpoint_id, room) USING (endpoint_id)
      ORDER BY place
      ON CONFLICT (endpoint_id, event_id) DO NOTHING
      RETURNING endpoint_id, state
    ), counted AS (
      SELECT endpoint_id, count(*) FILTER (WHERE state = 'pending')::int AS pending, count(*)::int AS added
      FROM added GROUP BY endpoint_id
    ), woken AS (
      UPDATE webhooks.endpoints e SET pending = e.pending + c.pending, due_at = coalesce(due_at, clock_timestamp())
      FROM counted c WHERE e.id = c.endpoint_id AND c.pending > 0
    )
    SELECT coalesce(sum(added), 0)::int AS added FROM counted`.execute(tx);
  return rows[0]!.added;
}
