import type { Backoffice } from '../../backoffice.ts';
import { type Html, html } from './html.ts';

/** What one call to the ledger asks about. */
const MOST = 200;

export type VendorNames = ReadonlyMap<number, string>;

/** The names of some vendors. A page that only mentions them is shown without names while the ledger is away. */
export async function vendorNames(
  { ask, log }: Pick<Backoffice, 'ask' | 'log'>,
  ids: readonly number[],
): Promise<VendorNames> {
  const wanted = [...new Set(ids)].slice(0, MOST);
  if (wanted.length === 0) return new Map();
  try {
    const { vendors } = await ask('ledger.query.vendors', { ids: wanted, limit: wanted.length });
    return new Map(vendors.map(({ vendor_id, name }) => [vendor_id, name]));
  } catch (error) {
    log.warn({ err: error }, 'vendors are shown without their names');
    return new Map();
  }
}

/** A link to a vendor's page, by its name if that is known. */
export const vendorLink = (names: VendorNames, id: number): Html =>
  html`<a href="/admin/vendors/${id}/"><bdi>${names.get(id) ?? id}</bdi></a>`;
