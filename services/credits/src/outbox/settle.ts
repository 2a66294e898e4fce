import type { TransactionView } from '@b2b-charge/contracts';
import type { Logger } from '@b2b-charge/runtime';
import type { Database } from '../db/schema.ts';
import { writeTrail } from '../requests/trail.ts';

/** As `record`, and tells of it once, whoever brought the news. */
export async function settle(
  { db, log }: { db: Database; log: Logger },
  requestId: string,
  transaction: TransactionView,
): Promise<void> {
  if (!(await record(db, requestId, transaction))) return;
  const { vendor_id, amount, message_id, transaction_id, status } = transaction;
  log.info(
    { log: 'transactions', request: requestId, vendor_id, amount, message_id, transaction: transaction_id },
    status === 'posted' ? 'credit posted' : 'credit rejected',
  );
}

/**
 * The ledger has decided: the request is posted, or rejected with the ledger's reason. Idempotent: the reply, the event
 * and a replay may all bring the same transaction. Returns whether this was the first.
 */
function record(db: Database, requestId: string, transaction: TransactionView): Promise<boolean> {
  return db.transaction().execute(async (tx) => {
    const posted = transaction.status === 'posted';
    const row = await tx
      .updateTable('credits.requests')
      .set({
        status: posted ? 'posted' : 'rejected',
        transaction_id: transaction.transaction_id,
        ...(posted ? {} : { reason: transaction.reason ?? 'refused by the ledger' }),
      })
      .where('id', '=', requestId)
      .where('vendor_id', '=', transaction.vendor_id)
      .where('status', '=', 'approved')
      .returning(['id', 'vendor_id'])
      .executeTakeFirst();
    if (!row) return false;
    await tx
      .updateTable('credits.outbox')
      .set({ done_at: new Date(), last_error: null })
      .where('request_id', '=', row.id)
      .execute();
    await writeTrail(tx, {
      actor: 'ledger',
      origin: null,
      action: posted ? 'posted' : 'refused-by-ledger',
      requestId: row.id,
      vendorId: row.vendor_id,
      details: {
        transaction_id: transaction.transaction_id,
        ...(transaction.reason ? { reason: transaction.reason } : {}),
      },
    });
    return true;
  });
}
