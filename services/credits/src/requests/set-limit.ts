import { type CallResponse, formatMoney, parseMoney } from '@b2b-charge/contracts';
import type { Database } from '../db/schema.ts';
import { writeTrail } from './trail.ts';

interface Limit {
  readonly vendor_id: number;
  readonly daily_limit: string | null;
  readonly by: string;
  readonly origin?: string | null | undefined;
}

/** A vendor's own daily credit limit in place of the common one; null: none. */
export async function setLimit(db: Database, limit: Limit): Promise<CallResponse<'credits.set-limit'>> {
  const daily = limit.daily_limit === null ? null : parseMoney(limit.daily_limit);
  const text = daily === null ? null : formatMoney(daily);
  await db.transaction().execute(async (tx) => {
    const values = { daily_limit: daily, set_by: limit.by, set_at: new Date() };
    await tx
      .insertInto('credits.vendor_limits')
      .values({ vendor_id: limit.vendor_id, ...values })
      .onConflict((conflict) => conflict.column('vendor_id').doUpdateSet(values))
      .execute();
    await writeTrail(tx, {
      actor: limit.by,
      origin: limit.origin,
      action: 'limit-set',
      requestId: null,
      vendorId: limit.vendor_id,
      details: { daily_limit: text },
    });
  });
  return { vendor_id: limit.vendor_id, daily_limit: text };
}
