import { type AuditRun, currencyName, type Finding, groupMoney, minorOf } from '@b2b-charge/contracts';
import type { VendorLine } from '../run/audit-books.ts';

export const HEADING = '=== B2B Charge Service - Balance Reconciliation ===';

const MARKS = { VERIFIED: '✓', MINOR_DISCREPANCY: '⚠', CRITICAL: '✗' } as const;

/** One vendor's lines, as the seed's sample has them. */
export function vendorBlock(line: VendorLine, fixed: boolean, currency: string): string {
  const mark = MARKS[line.level];
  const unit = currencyName(currency);
  const difference = line.stored - line.calculated;
  const lines = [
    `${mark} Vendor: ${line.name}`,
    `  - Current Balance: ${groupMoney(line.stored)} ${unit}`,
    `  - Calculated Balance: ${groupMoney(line.calculated)} ${unit}`,
  ];
  if (difference !== 0n)
    lines.push(`  - Discrepancy: ${groupMoney(difference < 0n ? -difference : difference)} ${unit}`);
  lines.push(`  - Status: ${mark} ${line.level}${fixed ? ' (Auto-fixed)' : ''}`);
  return lines.join('\n');
}

/** What was found, in full: for detailed reports. */
export function findingBlock(found: Finding): string {
  const place = [
    found.vendor_id === null ? 'all vendors' : `vendor ${found.vendor_id}`,
    found.seq === null ? null : `transaction ${found.seq}`,
    found.transaction_id,
  ].filter((part) => part !== null);
  return [
    `${MARKS[found.level]} Finding ${found.number}: ${found.check} (${found.level}${found.fixed ? ', fixed' : ''})`,
    `  - Where: ${place.join(', ')}`,
    `  - What: ${found.message}`,
    `  - Expected: ${found.expected}`,
    `  - Found: ${found.found}`,
    `  - What to do: ${found.advice}`,
  ].join('\n');
}

/** The seed's summary; lines beyond the sample's four only when there is something to say. */
export function summaryBlock(run: AuditRun): string {
  const lines = [
    '📊 Summary:',
    `- Total Vendors Checked: ${run.vendors_checked}`,
    `- Verified Accounts: ${run.verified}`,
    `- Minor Discrepancies Fixed: ${run.minor_fixed}`,
    `- Critical Issues: ${run.critical}`,
  ];
  if (run.minor > 0) lines.splice(4, 0, `- Minor Discrepancies Open: ${run.minor}`);
  return [...lines, ...run.notes.map((note) => `- Note: ${note}`)].join('\n');
}

/** How much was looked at, for verbose output. */
export function effortBlock(run: AuditRun): string {
  const unit = currencyName(run.currency);
  const seconds = (run.duration_ms ?? 0) / 1_000;
  const rate = seconds > 0 ? Math.round(run.transactions_checked / seconds) : 0;
  return [
    `Run ${run.run_id}: ${run.mode}, ${run.trigger}, ${run.started_at}`,
    `- Transactions Checked: ${run.transactions_checked} (${rate} per second)`,
    `- Commands Checked: ${run.commands_checked}`,
    ...(run.numbers_erased > 0 ? [`- Phone Numbers Erased: ${run.numbers_erased}`] : []),
    `- Stored Total: ${groupMoney(minorOf(run.stored_total))} ${unit}`,
    `- Calculated Total: ${groupMoney(minorOf(run.calculated_total))} ${unit}`,
    `- Duration: ${seconds.toFixed(2)} s`,
  ].join('\n');
}

/** A kept run as a document: what was found, and the summary. */
export function textReport(run: AuditRun, findings: readonly Finding[]): string {
  const blocks = [HEADING, ...findings.map(findingBlock), effortBlock(run), summaryBlock(run)];
  if (run.error !== null) blocks.splice(1, 0, `✗ The audit failed: ${run.error}`);
  return `${blocks.join('\n\n')}\n`;
}
