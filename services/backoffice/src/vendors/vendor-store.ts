import type { VendorId } from '@b2b-charge/contracts';
import type { VendorSettings } from '@b2b-charge/http/views';
import { type Kysely, sql } from 'kysely';
import type { BackofficeDatabase } from '../db/schema.ts';

type Db = Kysely<BackofficeDatabase>;

export const NO_SETTINGS: VendorSettings = { rate_limit: null, require_idempotency_key: null };

/** A vendor id of the sequence; the one given out before under the same creation key. */
export async function allocateVendor(
  db: Db,
  vendor: VendorSettings & { creationKey: string | null; createdBy: string },
): Promise<VendorId> {
  const known = async () =>
    vendor.creationKey === null
      ? undefined
      : await db
          .selectFrom('gateway.vendors')
          .select('id')
          .where('creation_key', '=', vendor.creationKey)
          .executeTakeFirst();
  const before = await known();
  if (before) return before.id as VendorId;
  const inserted = await db
    .insertInto('gateway.vendors')
    .values({
      id: sql<number>`nextval('gateway.vendor_ids')`,
      creation_key: vendor.creationKey,
      rate_limit: vendor.rate_limit,
      require_idempotency_key: vendor.require_idempotency_key,
      created_by: vendor.createdBy,
    })
    .onConflict((conflict) => conflict.doNothing())
    .returning('id')
    .executeTakeFirst();
  // The conflict is a creation with the same key at the same time, or an id that was adopted below.
  const id = inserted?.id ?? (await known())?.id;
  return id === undefined ? allocateVendor(db, vendor) : (id as VendorId);
}

/** Takes in a vendor that another system opened, so that it can have tokens and settings here. */
export async function adoptVendor(db: Db, id: VendorId, createdBy: string): Promise<void> {
  await db
    .insertInto('gateway.vendors')
    .values({
      id,
      creation_key: null,
      rate_limit: null,
      require_idempotency_key: null,
      created_by: createdBy,
    })
    .onConflict((conflict) => conflict.column('id').doNothing())
    .execute();
}

/** Changes what is given; undefined stays as it is. */
export async function updateVendorSettings(
  db: Db,
  id: VendorId,
  change: { [K in keyof VendorSettings]?: VendorSettings[K] | undefined },
): Promise<void> {
  const set = Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined));
  if (Object.keys(set).length === 0) return;
  await db.updateTable('gateway.vendors').set(set).where('id', '=', id).execute();
}

export async function vendorSettings(db: Db, ids: readonly number[]): Promise<Map<number, VendorSettings>> {
  if (ids.length === 0) return new Map();
  const rows = await db
    .selectFrom('gateway.vendors')
    .select(['id', 'rate_limit', 'require_idempotency_key'])
    .where('id', 'in', [...ids])
    .execute();
  return new Map(rows.map(({ id, ...settings }) => [id, settings]));
}
