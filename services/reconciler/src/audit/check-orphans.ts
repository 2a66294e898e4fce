import { finding, type NewFinding } from '../domain/finding.ts';
import type { Reader } from './snapshot.ts';

/** Steps from vendor to vendor over the primary key; a DISTINCT would read every row. */
const TRANSACTIONS_WITHOUT_VENDOR = `WITH RECURSIVE ids AS (
    (SELECT vendor_id FROM ledger.transactions ORDER BY vendor_id LIMIT 1)
    UNION ALL
    SELECT (SELECT t.vendor_id FROM ledger.transactions t WHERE t.vendor_id > ids.vendor_id
      ORDER BY t.vendor_id LIMIT 1) FROM ids WHERE ids.vendor_id IS NOT NULL)
  SELECT vendor_id FROM ids WHERE vendor_id IS NOT NULL
    AND NOT EXISTS (SELECT FROM ledger.vendors v WHERE v.vendor_id = ids.vendor_id) LIMIT 100`;

const HEADS_WITHOUT_VENDOR = `SELECT DISTINCT h.vendor_id FROM reconciler.heads h
  WHERE NOT EXISTS (SELECT FROM ledger.vendors v WHERE v.vendor_id = h.vendor_id) ORDER BY h.vendor_id LIMIT 100`;

/** Vendors whose row is gone though transactions or an earlier audit know them. */
export async function checkOrphans(reader: Reader): Promise<NewFinding[]> {
  const orphans = await reader.query<{ vendor_id: number }>(TRANSACTIONS_WITHOUT_VENDOR);
  const audited = await reader.query<{ vendor_id: number }>(HEADS_WITHOUT_VENDOR);
  const ids = new Set([...orphans, ...audited].map((row) => row.vendor_id));
  return [...ids].map((vendorId) =>
    finding({
      check: 'append-only',
      message: 'the vendor is gone',
      vendorId,
      expected: 'a row in ledger.vendors',
      found: 'none',
    }),
  );
}
