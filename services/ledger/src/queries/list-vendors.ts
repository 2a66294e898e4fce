import type { CallResponse, VendorView } from '@b2b-charge/contracts';
import { type Queryable, readCursor } from '@b2b-charge/runtime';
import { toVendorView, VENDOR_VIEW, type VendorViewRow } from './get-vendor.ts';

/** Vendors in the order of their ids; `search` looks in names, and for an id. Errors: BAD_REQUEST. */
export async function listVendors(
  db: Queryable,
  timeZone: string,
  request: {
    search?: string | null | undefined;
    ids?: readonly number[] | null | undefined;
    limit: number;
    cursor?: string | null | undefined;
  },
): Promise<CallResponse<'ledger.query.vendors'>> {
  const { rows } = await db.query<VendorViewRow>(
    `${VENDOR_VIEW} WHERE v.vendor_id > $2::bigint AND ($3::text IS NULL OR v.vendor_id::text = $3
       OR position(lower($3) IN lower(v.name)) > 0)
       AND ($5::int[] IS NULL OR v.vendor_id = ANY($5))
     ORDER BY v.vendor_id LIMIT $4`,
    [
      timeZone,
      readCursor(request.cursor) ?? 0,
      request.search || null,
      request.limit + 1,
      request.ids ?? null,
    ],
  );
  const vendors: VendorView[] = rows.slice(0, request.limit).map(toVendorView);
  return { vendors, next_cursor: rows.length > request.limit ? String(vendors.at(-1)!.vendor_id) : null };
}
