import { auditPage, type PageOptions, type VendorResult } from './audit-page.ts';
import { readVendors } from './read-vendors.ts';
import type { Snapshot } from './snapshot.ts';

export interface VendorsOptions extends PageOptions {
  /** Only this one. */
  readonly vendorId: number | null;
  readonly signal?: AbortSignal | undefined;
  /** The checkpoint to go by; 0 for none. */
  readonly checkpointId: number;
  /** Called for every page of vendors, in the order of ids. */
  readonly onPage: (results: readonly VendorResult[]) => Promise<void>;
}

const VENDORS_PER_PAGE = 500;

/**
 * Audits vendors page by page over all the snapshot's connections; results come in the order of ids. Holds at most one
 * page per connection, whatever the number of vendors and transactions.
 */
export async function auditVendors(snapshot: Snapshot, options: VendorsOptions): Promise<void> {
  const pending: Promise<VendorResult[]>[] = [];
  const emitFirst = async () => options.onPage(await pending.shift()!);
  let after = 0;
  for (let turn = 0; ; turn++) {
    options.signal?.throwIfAborted();
    // The page is read over the connection that will audit it, so that it need not wait for the others' work.
    const reader = snapshot.readers[turn % snapshot.readers.length]!;
    const entries = await readVendors(reader, {
      after,
      vendorId: options.vendorId,
      limit: VENDORS_PER_PAGE,
      timeZone: options.timeZone,
      checkpointId: options.checkpointId,
    });
    if (entries.length > 0) {
      const page = auditPage(reader, entries, options);
      // It is awaited in its turn; a failure before that must not count as unhandled.
      page.catch(() => {});
      pending.push(page);
      after = entries.at(-1)!.stored.vendorId;
    }
    if (entries.length < VENDORS_PER_PAGE) break;
    if (pending.length >= snapshot.readers.length) await emitFirst();
  }
  while (pending.length > 0) await emitFirst();
}
