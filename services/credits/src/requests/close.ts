import type { CreditRequest } from '@b2b-charge/contracts';
import { CallError } from '@b2b-charge/runtime';
import type { Database } from '../db/schema.ts';
import type { Actor } from './approve.ts';
import { lockRequest, viewOf } from './read.ts';
import { wasDone, writeTrail } from './trail.ts';

/** An admin says no, with the reason that the vendor reads. Errors: NOT_FOUND, ALREADY_DECIDED. */
export const reject = (db: Database, actor: Actor & { reason: string }): Promise<CreditRequest> =>
  close(db, actor, { status: 'rejected', reason: actor.reason });

/** The vendor takes its request back before it is decided. Errors: NOT_FOUND, ALREADY_DECIDED. */
export const cancel = (db: Database, actor: Actor & { vendor_id: number }): Promise<CreditRequest> =>
  close(db, actor, { status: 'cancelled', reason: null, vendorId: actor.vendor_id });

interface Closing {
  readonly status: 'rejected' | 'cancelled';
  readonly reason: string | null;
  readonly vendorId?: number;
}

function close(db: Database, actor: Actor, { status, reason, vendorId }: Closing): Promise<CreditRequest> {
  return db.transaction().execute(async (tx) => {
    const { row } = await lockRequest(tx, actor.id, vendorId);
    if (row.status !== 'pending') {
      if (await wasDone(tx, actor, [status])) return viewOf(tx, row.id);
      throw new CallError('ALREADY_DECIDED', `the request is ${row.status}`);
    }
    await tx
      .updateTable('credits.requests')
      .set({ status, reason, decided_by: actor.by, decided_at: new Date() })
      .where('id', '=', row.id)
      .execute();
    await writeTrail(tx, {
      actor: actor.by,
      origin: actor.origin,
      action: status,
      requestId: row.id,
      vendorId: row.vendor_id,
      ...(reason === null ? {} : { details: { reason } }),
    });
    return viewOf(tx, row.id);
  });
}
