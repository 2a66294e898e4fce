import type pg from 'pg';

/** What the books know of a vendor and a key. */
export interface KeyState {
  readonly vendorExists: boolean;
  /** The transaction that holds the key. */
  readonly holder: {
    readonly id: string;
    readonly type: string;
    readonly status: string;
    readonly reason: string | null;
  } | null;
}

export async function readKeyState(pool: pg.Pool, vendorId: number, messageId: string): Promise<KeyState> {
  const vendor = await pool.query('SELECT FROM ledger.vendors WHERE vendor_id = $1', [vendorId]);
  const holder = await pool.query<NonNullable<KeyState['holder']>>(
    'SELECT id, type, status, reason FROM ledger.transactions WHERE vendor_id = $1 AND message_id = $2',
    [vendorId, messageId],
  );
  return { vendorExists: vendor.rows.length > 0, holder: holder.rows[0] ?? null };
}

export const formatHolder = ({ id, type, status, reason }: NonNullable<KeyState['holder']>): string =>
  `${type} ${id} (${status}${reason === null ? '' : ` ${reason}`})`;
