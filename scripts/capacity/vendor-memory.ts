import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { VendorId } from '@b2b-charge/contracts';
import { toVendorState, type VendorRow } from '../../services/ledger/src/store/rows.ts';
import { VendorCache } from '../../services/ledger/src/store/vendor-cache.ts';

const VENDORS = 20_000;

/** Bytes of heap that a vendor takes in a ledger's cache, its state as PostgreSQL answered it. */
export function measureVendorMemory(): number {
  setFlagsFromString('--expose-gc');
  const collect: () => void = runInNewContext('gc');
  const cache = new VendorCache();
  collect();
  const before = process.memoryUsage().heapUsed;
  for (let id = 1; id <= VENDORS; id++) cache.put(toVendorState(rowOf(id)), 1);
  collect();
  const bytes = (process.memoryUsage().heapUsed - before) / VENDORS;
  if (!cache.get(VENDORS as VendorId, 1)) throw new TypeError('unreachable');
  return bytes;
}

/** As the driver makes it: every text a new one. */
const rowOf = (id: number): VendorRow =>
  JSON.parse(
    JSON.stringify({
      vendor_id: id,
      name: `Vendor number ${id}`,
      status: 'active',
      stored_balance: String(100_000_000 - id),
      balance_after: String(100_000_000 - id),
      daily_limit: null,
      business_day: '2026-11-23',
      charged_today: String(id * 100),
      seq: String(id),
      opened_at_ms: '1790000000000',
      updated_at_ms: String(1_790_000_000_000 + id),
      head_hash: id.toString(16).padStart(64, 'a'),
    }),
  );
