import { type CallResponse, laneOf, type VendorId } from '@b2b-charge/contracts';
import type { Queryable } from '@b2b-charge/runtime';
import { viewOf } from '../publish/outcome-of.ts';
import { TRANSACTION_COLUMNS, type TransactionRow, toTransaction } from '../store/rows.ts';

/** The primary key finds the links, the index of reversals who reversed each. */
export const AROUND = `SELECT ${TRANSACTION_COLUMNS}, r.id AS reversed_by FROM ledger.transactions t
  LEFT JOIN LATERAL (SELECT o.id FROM ledger.transactions o
    WHERE o.vendor_id = t.vendor_id AND o.resolves = t.id AND o.resolves IS NOT NULL AND o.status = 'posted') r ON true
  WHERE t.vendor_id = $1 AND t.seq BETWEEN $2::bigint - $3::int AND $2::bigint + $3::int ORDER BY t.seq`;

/** The links of a vendor's chain from `around` before a place to `around` behind it; those that there are. */
export async function getChain(
  db: Queryable,
  { lanes, currency }: { readonly lanes: number; readonly currency: string },
  { vendor_id, seq, around }: { vendor_id: number; seq: number; around: number },
): Promise<CallResponse<'ledger.query.chain'>> {
  const { rows } = await db.query<TransactionRow & { reversed_by: string | null }>({
    name: 'query-chain',
    text: AROUND,
    values: [vendor_id, seq, around],
  });
  return {
    links: rows.map((row) => {
      const transaction = toTransaction(row);
      return {
        transaction: viewOf(transaction, currency),
        fingerprint: transaction.fingerprint,
        previous_hash: transaction.previousHash,
        hash: transaction.hash,
        lane: laneOf(vendor_id as VendorId, lanes),
        phone_commitment: transaction.phoneCommitment,
        stream: transaction.stream,
        stream_epoch: transaction.streamEpoch,
        stream_seq: transaction.streamSeq,
        stream_index: transaction.streamIndex,
        reversed_by: row.reversed_by,
      };
    }),
  };
}
