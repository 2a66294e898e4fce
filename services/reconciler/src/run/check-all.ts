import { checkHistory, checkOldHeads } from '../audit/check-checkpoints.ts';
import { checkCredits } from '../audit/check-credits.ts';
import { checkDuplicates, checkGuards } from '../audit/check-guards.ts';
import { checkOrphans } from '../audit/check-orphans.ts';
import { checkReversals } from '../audit/check-reversals.ts';
import type { Snapshot } from '../audit/snapshot.ts';
import type { NewFinding } from '../domain/finding.ts';
import type { AuditTools } from './audit-tools.ts';
import type { Basis } from './basis.ts';

/** The checks that are one statement over all vendors, or over the one that is asked for. */
export async function checkAll(
  snapshot: Snapshot,
  tools: AuditTools,
  { full, since }: Basis,
  vendorId: number | null,
): Promise<NewFinding[]> {
  const reader = snapshot.readers[0]!;
  const found = await checkGuards(reader);
  if (found.some((one) => one.check === 'exactly-once')) {
    found.push(...(await checkDuplicates(reader, vendorId)));
  }
  found.push(...(await checkReversals(reader, { since, vendorId })));
  found.push(
    ...(await checkCredits(reader, {
      since,
      vendorId,
      trustedSources: tools.trustedCreditSources,
      postedWithinMs: tools.creditPostedWithinMs,
    })),
  );
  if (vendorId !== null) return found;
  found.push(...(await checkOrphans(reader)));
  if (full && tools.keys) {
    const historySince = new Date(snapshot.takenAt.getTime() - tools.checkpointHistoryMs);
    found.push(...(await checkHistory(reader, tools.keys, historySince)), ...(await checkOldHeads(reader)));
  }
  return found;
}
