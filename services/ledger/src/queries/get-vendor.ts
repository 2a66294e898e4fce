import { formatMoney, type VendorView } from '@b2b-charge/contracts';
import type { Queryable } from '@b2b-charge/runtime';

export interface VendorViewRow {
  vendor_id: number;
  name: string;
  status: 'active' | 'suspended';
  balance: string;
  held: string;
  livemode: boolean;
  daily_limit: string | null;
  charged_today: string;
  business_day: string;
  seq: string;
  opened_at: Date;
  updated_at: Date;
}

/** $1 is the time zone: the day's counter of an earlier day is nothing charged today. */
export const VENDOR_VIEW = `SELECT v.vendor_id, v.name, v.status, v.livemode, v.balance, v.held, v.daily_limit, v.seq, v.opened_at, v.updated_at,
    d.today::text AS business_day, CASE WHEN v.business_day >= d.today THEN v.charged_today ELSE 0 END AS charged_today
  FROM ledger.vendors v CROSS JOIN (SELECT (clock_timestamp() AT TIME ZONE $1)::date AS today) d`;

export const toVendorView = (row: VendorViewRow): VendorView => ({
  vendor_id: row.vendor_id,
  name: row.name,
  status: row.status,
  balance: formatMoney(BigInt(row.balance)),
  held: formatMoney(BigInt(row.held)),
  daily_limit: row.daily_limit === null ? null : formatMoney(BigInt(row.daily_limit)),
  charged_today: formatMoney(BigInt(row.charged_today)),
  business_day: row.business_day,
  seq: Number(row.seq),
  livemode: row.livemode,
  opened_at: row.opened_at.toISOString(),
  updated_at: row.updated_at.toISOString(),
});

export async function getVendor(
  db: Queryable,
  timeZone: string,
  vendorId: number,
): Promise<VendorView | null> {
  const { rows } = await db.query<VendorViewRow>({
    name: 'query-vendor',
    text: `${VENDOR_VIEW} WHERE v.vendor_id = $2`,
    values: [timeZone, vendorId],
  });
  return rows[0] ? toVendorView(rows[0]) : null;
}
