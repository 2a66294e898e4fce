import type { Backoffice } from '../../../backoffice.ts';
import { orAway } from '../../http/or-away.ts';
import type { Visit } from '../../http/page.ts';
import { type Html, html } from '../../parts/html.ts';
import { RUN_TONES } from '../../parts/run-tones.ts';
import { badge, empty, facts, time } from '../../parts/values.ts';
import { texts } from './texts.ts';

/** What the newest audit said of this vendor. */
export async function lastVerification(
  visit: Visit,
  backoffice: Backoffice,
  vendorId: number,
): Promise<Html> {
  const t = texts[visit.locale];
  const report = await orAway(backoffice.ask('audit.report', { format: 'json' }));
  if (!report) return empty(report === null ? t.noAudit : t.noAuditor);
  const { run, findings } = report;
  const own = findings.filter(({ vendor_id }) => vendor_id === vendorId);
  return facts([
    [t.lastAudit, html`<a href="/admin/reports/${run.run_id}/">${time(visit, run.started_at)}</a>`],
    [t.level, badge(RUN_TONES[run.status], t[run.status])],
    [t.findings, visit.formats.number(own.length)],
  ]);
}
