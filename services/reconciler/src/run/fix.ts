import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { LedgerClient } from '@b2b-charge/client';
import { systemMessageId, type VendorId } from '@b2b-charge/contracts';
import { readerOf } from '../audit/snapshot.ts';
import { auditBooks } from './audit-books.ts';
import type { AuditTools } from './audit-tools.ts';
import type { Findings } from './findings.ts';
import { readLedgerSettings } from './ledger-settings.ts';

export type FixResult = 'fixed' | 'refused' | 'still-wrong';

const WAIT_MS = 30_000;
/** The copies in Redis follow a commit by some milliseconds: so often, and so far apart, is looked again. */
const LOOKS = 10;
const LOOK_EVERY_MS = 100;

/** Vendors whose every finding is minor and made good by a rebuild. */
export function fixableVendors(findings: Findings): number[] {
  const flagged = Map.groupBy(
    findings.kept.filter((found) => found.vendorId !== null),
    (found) => found.vendorId!,
  );
  return [...flagged].filter(([, found]) => found.every((one) => one.fixable)).map(([vendorId]) => vendorId);
}

/**
 * Has the ledger rebuild each vendor's stored copies from its transactions, and checks each again. Nothing but the
 * ledger writes the books.
 */
export async function fixVendors(
  tools: AuditTools,
  vendors: readonly number[],
  { label, traceparent }: { label: string; traceparent: string | undefined },
): Promise<Map<number, FixResult>> {
  const { nc, subjects, pool } = tools;
  const { lanes } = await readLedgerSettings(readerOf(pool), tools);
  await using client = new LedgerClient({
    nc,
    subjects,
    source: 'reconciler',
    clientId: randomBytes(6).toString('hex'),
    lanes,
  });
  const results = new Map<number, FixResult>();
  for (const vendorId of vendors) {
    const outcome = await client.send({
      vendorId: vendorId as VendorId,
      messageId: systemMessageId('rebuild', `${label}-${vendorId}`),
      command: { type: 'rebuild', reason: `audit ${label}` },
      waitMs: WAIT_MS,
      deadlineMs: WAIT_MS,
      traceparent,
    });
    if (outcome.outcome !== 'posted') results.set(vendorId, 'refused');
    else results.set(vendorId, (await isVerified(tools, vendorId)) ? 'fixed' : 'still-wrong');
  }
  return results;
}

async function isVerified(tools: AuditTools, vendorId: number): Promise<boolean> {
  for (let look = 1; ; look++) {
    const { findings } = await auditBooks(tools, { mode: 'incremental', vendorId });
    if (findings.levelOf(vendorId) === 'VERIFIED') return true;
    if (look === LOOKS) return false;
    await sleep(LOOK_EVERY_MS);
  }
}
