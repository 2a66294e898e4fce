import type { VendorResult } from '../audit/audit-page.ts';
import { readerOf } from '../audit/snapshot.ts';
import { type CopiesResult, compareCopies } from '../copies/compare-copies.ts';
import type { AuditTools } from './audit-tools.ts';

export const REDIS_AWAY = 'Redis is away: its balance copies were not compared';

/** A page's copies in Redis; null when Redis is away, which is no fault of the books. */
export async function auditCopies(
  { redis, namespace, pool, minorLimit }: AuditTools,
  results: readonly VendorResult[],
): Promise<CopiesResult | null> {
  if (redis.status !== 'ready') return null;
  const known = results.map(({ vendorId, seq, calculated: balance }) => ({ vendorId, seq, balance }));
  try {
    return await compareCopies({ redis, namespace, present: readerOf(pool), minorLimit }, known);
  } catch (error) {
    if (redis.status === 'ready' && !/timed out|closed|ECONN/i.test(String(error))) throw error;
    return null;
  }
}
