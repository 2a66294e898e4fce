import { type CallResponse, formatMoney } from '@b2b-charge/contracts';
import type { Queryable } from '@b2b-charge/runtime';

interface Span {
  readonly vendor_id: number;
  readonly from: string;
  readonly to: string;
  readonly points: number;
}

/** Balances along a span: each is found by bisection over the primary key, so the cost follows the points, not the rows. */
export async function getBalanceHistory(
  db: Queryable,
  { vendor_id, from, to, points }: Span,
): Promise<CallResponse<'ledger.query.balance-history'>> {
  const { rows } = await db.query<{ at: Date; balance_after: string }>(
    `SELECT p.at, t.balance_after FROM generate_series(0, $4::int - 1) AS n
     CROSS JOIN LATERAL (
       SELECT $2::timestamptz + ($3::timestamptz - $2::timestamptz) * n / ($4::int - 1) AS at) p
     CROSS JOIN LATERAL (SELECT ledger.seq_before($1, p.at) AS seq OFFSET 0) s
     JOIN ledger.transactions t ON t.vendor_id = $1 AND t.seq = s.seq
     ORDER BY p.at`,
    [vendor_id, from, to, points],
  );
  return {
    points: rows.map(({ at, balance_after }) => ({
      at: at.toISOString(),
      balance: formatMoney(BigInt(balance_after)),
    })),
  };
}
