import { type CallResponse, formatMoney } from '@b2b-charge/contracts';
import type { Queryable } from '@b2b-charge/runtime';

type Sums = Record<'charged' | 'reversed' | 'count' | 'rejected', string>;

/** What all vendors sold, hour by hour. It reads the rows of the span, by the index on time: ask for what is new. */
export async function getSales(
  db: Queryable,
  { from, to }: { from: string; to: string },
): Promise<CallResponse<'ledger.query.sales'>> {
  const { rows } = await db.query<Sums & { hour: Date }>(
    `SELECT date_bin('1 hour', t.created_at, $1::timestamptz) AS hour,
       coalesce(sum(amount) FILTER (WHERE type = 'charge' AND status = 'posted'), 0) AS charged,
       coalesce(sum(amount) FILTER (WHERE type = 'reversal' AND status = 'posted'), 0) AS reversed,
       count(*) FILTER (WHERE type = 'charge' AND status = 'posted') AS count,
       count(*) FILTER (WHERE type = 'charge' AND status = 'rejected') AS rejected
     FROM ledger.transactions t WHERE t.created_at >= $1::timestamptz AND t.created_at < $2::timestamptz
     GROUP BY hour ORDER BY hour`,
    [from, to],
  );
  return {
    hours: rows.map(({ hour, charged, reversed, count, rejected }) => ({
      from: hour.toISOString(),
      charged: formatMoney(BigInt(charged)),
      reversed: formatMoney(BigInt(reversed)),
      count: Number(count),
      rejected: Number(rejected),
    })),
  };
}
