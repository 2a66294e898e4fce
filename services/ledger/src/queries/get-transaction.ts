import { parseTransactionId, type TransactionView } from '@b2b-charge/contracts';
import type { Queryable } from '@b2b-charge/runtime';
import { viewOf } from '../publish/outcome-of.ts';
import { TRANSACTION_COLUMNS, type TransactionRow, toTransaction } from '../store/rows.ts';

/** The id holds the primary key. With a vendor id, another vendor's transaction is not found. */
export async function getTransaction(
  db: Queryable,
  { id, vendor_id: vendorId }: { readonly id: string; readonly vendor_id?: number | null | undefined },
  currency: string,
): Promise<TransactionView | null> {
  const place = parseTransactionId(id);
  if (!place || (vendorId != null && place.vendorId !== vendorId)) return null;
  const { rows } = await db.query<TransactionRow>({
    name: 'query-transaction',
    text: `SELECT ${TRANSACTION_COLUMNS} FROM ledger.transactions t WHERE t.vendor_id = $1 AND t.seq = $2 AND t.id = $3`,
    values: [place.vendorId, place.seq, place.id],
  });
  return rows[0] ? viewOf(toTransaction(rows[0]), currency) : null;
}
