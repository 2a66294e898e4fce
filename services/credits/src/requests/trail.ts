import type { CallResponse } from '@b2b-charge/contracts';
import type { Database, Tx } from '../db/schema.ts';

export type TrailAction =
  | 'requested'
  | 'approved'
  | 'approved-first'
  | 'rejected'
  | 'cancelled'
  | 'posted'
  | 'refused-by-ledger'
  | 'limit-set';

export interface TrailEntry {
  readonly actor: string;
  readonly origin: string | null | undefined;
  readonly action: TrailAction;
  readonly requestId: string | null;
  readonly vendorId: number;
  readonly details?: Record<string, unknown>;
}

/** Who did what, from where: in the transaction of the deed itself. */
export async function writeTrail(tx: Tx, entry: TrailEntry): Promise<void> {
  await tx
    .insertInto('credits.audit_trail')
    .values({
      actor: entry.actor,
      origin: entry.origin ?? null,
      action: entry.action,
      request_id: entry.requestId,
      vendor_id: entry.vendorId,
      details: JSON.stringify(entry.details ?? {}),
    })
    .execute();
}

/**
 * Whether this actor did it on this very request of theirs: then its answer was lost, and it was sent again. The gateway's
 * name for a request is the origin.
 */
export async function wasDone(
  tx: Tx,
  { id, by, origin }: { id: number; by: string; origin?: string | null | undefined },
  actions: readonly TrailAction[],
): Promise<boolean> {
  if (!origin) return false;
  const row = await tx
    .selectFrom('credits.audit_trail')
    .select('id')
    .where('request_id', '=', String(id))
    .where('actor', '=', by)
    .where('origin', '=', origin)
    .where('action', 'in', actions)
    .executeTakeFirst();
  return row !== undefined;
}

/** Oldest first. A request has a handful of entries, so there is no page. */
export async function readTrail(db: Database, id: number): Promise<CallResponse<'credits.trail'>> {
  const rows = await db
    .selectFrom('credits.audit_trail')
    .select(['at', 'actor', 'origin', 'action', 'details'])
    .where('request_id', '=', String(id))
    .orderBy('id')
    .limit(100)
    .execute();
  return { entries: rows.map((row) => ({ ...row, at: row.at.toISOString() })) };
}
