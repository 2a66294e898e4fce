import type { AuditRun, CallResponse } from '@b2b-charge/contracts';
import type { Gateway } from '../../../gateway.ts';
import { Refusal } from '../../../http/errors.ts';
import type { Visit } from '../../http/page.ts';
import { type Html, html } from '../../parts/html.ts';
import { badge, empty, facts, type Tone, time } from '../../parts/values.ts';
import { texts } from './texts.ts';

export const RUN_TONES: Record<AuditRun['status'], Tone> = {
  running: 'plain',
  verified: 'good',
  minor: 'warn',
  critical: 'bad',
  failed: 'bad',
};

/** What the newest audit said; null if there is none, undefined while the auditor does not answer. */
export async function newestReport(gateway: Gateway): Promise<CallResponse<'audit.report'> | undefined> {
  try {
    return await gateway.ask('audit.report', { format: 'json' });
  } catch (error) {
    if (error instanceof Refusal && error.code === 'UNAVAILABLE') return undefined;
    throw error;
  }
}

/** What the newest audit said of this vendor. */
export async function lastVerification(visit: Visit, gateway: Gateway, vendorId: number): Promise<Html> {
  const t = texts[visit.locale];
  const report = await newestReport(gateway);
  if (!report) return empty(report === null ? t.noAudit : t.noAuditor);
  const { run, findings } = report;
  const own = findings.filter(({ vendor_id }) => vendor_id === vendorId);
  return facts([
    [t.lastAudit, html`<a href="/admin/reports/${run.run_id}/">${time(visit, run.started_at)}</a>`],
    [t.level, badge(RUN_TONES[run.status], t[run.status])],
    [t.findings, visit.formats.number(own.length)],
  ]);
}
