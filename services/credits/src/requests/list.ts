import type { CallResponse, CREDIT_STATUSES, CreditRequest } from '@b2b-charge/contracts';
import { readCursor } from '@b2b-charge/runtime';
import type { Database } from '../db/schema.ts';
import { viewsOf } from './read.ts';

interface Filter {
  readonly vendor_id?: number | null | undefined;
  readonly status?: (typeof CREDIT_STATUSES)[number] | null | undefined;
  readonly ids?: readonly number[] | null | undefined;
  readonly oldest_first?: boolean;
  readonly limit: number;
  readonly cursor?: string | null | undefined;
}

/** Newest first, or oldest first; the cursor is the last id of the page before. Errors: BAD_REQUEST. */
export async function listRequests(db: Database, filter: Filter): Promise<CallResponse<'credits.list'>> {
  let query = db
    .selectFrom('credits.requests')
    .selectAll()
    .orderBy('id', filter.oldest_first ? 'asc' : 'desc')
    .limit(filter.limit + 1);
  if (filter.vendor_id) query = query.where('vendor_id', '=', filter.vendor_id);
  if (filter.status) query = query.where('status', '=', filter.status);
  if (filter.ids) query = query.where('id', 'in', filter.ids.map(String));
  const cursor = readCursor(filter.cursor);
  if (cursor) query = query.where('id', filter.oldest_first ? '>' : '<', cursor);
  const rows = await query.execute();
  const page = rows.slice(0, filter.limit);
  return {
    requests: await viewsOf(db, page),
    next_cursor: rows.length > page.length ? page.at(-1)!.id : null,
  };
}

/** Null if there is none, or if it is another vendor's. */
export async function getRequest(
  db: Database,
  { id, vendor_id }: { id: number; vendor_id?: number | null | undefined },
): Promise<CreditRequest | null> {
  let query = db.selectFrom('credits.requests').selectAll().where('id', '=', String(id));
  if (vendor_id) query = query.where('vendor_id', '=', vendor_id);
  const rows = await query.execute();
  return (await viewsOf(db, rows))[0] ?? null;
}
