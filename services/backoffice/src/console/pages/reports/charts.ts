import type { AuditRun } from '@b2b-charge/contracts';
import type { Visit } from '../../http/page.ts';
import { columnChart } from '../../parts/chart.ts';
import { type Html, html } from '../../parts/html.ts';
import { duration } from './show-run.ts';
import { texts } from './texts.ts';

/** What the last audits found, and how long they took. */
export function auditCharts(visit: Visit, runs: readonly AuditRun[]): Html {
  const t = texts[visit.locale];
  const { number } = visit.formats;
  const ended = runs.filter(({ finished_at }) => finished_at !== null).toReversed();
  const found = ended.map((run) => {
    const value = run.minor + run.minor_fixed + run.critical;
    return { label: number(run.run_id), value, text: number(value) };
  });
  const took = ended.map((run) => ({
    label: number(run.run_id),
    value: (run.duration_ms ?? 0) / 1_000,
    text: duration(visit, run),
  }));
  return html`<div class="grid">
    <div><h3>${t.findingsChart}</h3>${columnChart(visit, { title: t.findingsChart, summary: t.findingsSummary, labelHead: t.audit, valueHead: t.findings, bars: found })}</div>
    <div><h3>${t.durationChart}</h3>${columnChart(visit, { title: t.durationChart, summary: t.durationSummary, labelHead: t.audit, valueHead: t.duration, bars: took })}</div>
  </div>`;
}
