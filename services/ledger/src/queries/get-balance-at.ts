import { type CallResponse, formatMoney } from '@b2b-charge/contracts';
import type { Queryable } from '@b2b-charge/runtime';

/** The balance just before an instant; null for a vendor that did not exist yet. */
export async function getBalanceAt(
  db: Queryable,
  vendorId: number,
  at: string,
): Promise<CallResponse<'ledger.query.balance-at'>> {
  const { rows } = await db.query<{ seq: string; balance_after: string }>(
    `SELECT t.seq, t.balance_after FROM ledger.transactions t
     WHERE t.vendor_id = $1 AND t.seq = ledger.seq_before($1, $2::timestamptz)`,
    [vendorId, at],
  );
  const [row] = rows;
  return row
    ? { vendor_id: vendorId, at, balance: formatMoney(BigInt(row.balance_after)), seq: Number(row.seq) }
    : null;
}
