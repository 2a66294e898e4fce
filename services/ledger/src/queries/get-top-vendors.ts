import { type CallResponse, formatMoney } from '@b2b-charge/contracts';
import type { Queryable } from '@b2b-charge/runtime';

/**
 * Who sold most today, by the counters of the daily limits: one row a vendor. No index on the counter, since every sale
 * would have to move its entry.
 */
export async function getTopVendors(
  db: Queryable,
  timeZone: string,
  limit: number,
): Promise<CallResponse<'ledger.query.top-vendors'>> {
  const { rows } = await db.query<{
    vendor_id: number;
    name: string;
    charged_today: string;
    selling: string;
  }>(
    `SELECT vendor_id, name, charged_today, count(*) OVER () AS selling FROM ledger.vendors
     WHERE business_day >= (clock_timestamp() AT TIME ZONE $1)::date AND charged_today > 0
     ORDER BY charged_today DESC, vendor_id LIMIT $2`,
    [timeZone, limit],
  );
  return {
    vendors: rows.map(({ vendor_id, name, charged_today }) => ({
      vendor_id,
      name,
      charged_today: formatMoney(BigInt(charged_today)),
    })),
    selling: Number(rows[0]?.selling ?? 0),
  };
}
