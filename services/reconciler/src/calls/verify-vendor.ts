import { type CallResponse, formatMoney } from '@b2b-charge/contracts';
import type { VendorLine } from '../run/audit-books.ts';
import type { AuditTools } from '../run/audit-tools.ts';
import { runAudit } from '../run/run-audit.ts';

/** Checks one vendor's books now; null if there is no such vendor. */
export async function verifyVendor(
  tools: AuditTools,
  { vendor_id: vendorId, full }: { vendor_id: number; full: boolean },
): Promise<CallResponse<'audit.verify'>> {
  const lines: VendorLine[] = [];
  const { run, findings } = await runAudit(tools, {
    mode: full ? 'full' : 'incremental',
    vendorId,
    trigger: 'call',
    startedBy: 'call',
    onVendors: (page) => void lines.push(...page),
  });
  const line = lines[0];
  if (!line) return null;
  return {
    vendor_id: vendorId,
    name: line.name,
    level: line.level,
    balance: formatMoney(line.stored),
    calculated_balance: formatMoney(line.calculated),
    discrepancy: formatMoney(line.stored - line.calculated),
    seq: line.seq,
    transactions_checked: line.rows,
    checked_at: run.finished_at ?? run.started_at,
    findings: findings.filter((found) => found.vendor_id === vendorId).slice(0, 100),
  };
}
