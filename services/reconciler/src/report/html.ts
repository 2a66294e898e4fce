import {
  type AuditRun,
  type Checkpoint,
  currencyName,
  type Finding,
  groupMoney,
  minorOf,
} from '@b2b-charge/contracts';
import { type Bar, barChart, escapeHtml } from './chart.ts';

export interface HtmlReport {
  readonly run: AuditRun;
  readonly findings: readonly Finding[];
  readonly checkpoint: Checkpoint | null;
  /** Runs before it, newest first. */
  readonly history: readonly AuditRun[];
  readonly timeZone: string;
}

/** More would make the page heavy; all of them are in the JSON report. */
const FINDINGS_SHOWN = 1_000;

const STYLE = `:root{color-scheme:light dark;--ink:#1a1c1e;--soft:#5b6167;--line:#d9dde1;--paper:#fff;--ok:#1f7a4d;--minor:#b26a00;--critical:#b3261e;--bar:#3b6ea8}
@media (prefers-color-scheme:dark){:root{--ink:#e6e8ea;--soft:#9aa1a8;--line:#3a3f45;--paper:#16181a;--ok:#5cc38c;--minor:#e6a847;--critical:#ff8a80;--bar:#7fb0e6}}
body{margin:2rem auto;max-width:60rem;padding:0 1rem;background:var(--paper);color:var(--ink);font:1rem/1.5 system-ui,sans-serif}
h1{font-size:1.4rem}h2{font-size:1.1rem;margin-top:2rem}small,dt,.soft{color:var(--soft)}
.verified{color:var(--ok)}.minor,.MINOR_DISCREPANCY{color:var(--minor)}.critical,.failed,.CRITICAL{color:var(--critical)}
dl{display:grid;grid-template-columns:repeat(auto-fit,minmax(11rem,1fr));gap:.5rem 1.5rem}dd{margin:0;font-size:1.15rem;font-variant-numeric:tabular-nums}
table{width:100%;border-collapse:collapse;font-size:.9rem}th,td{padding:.4rem;border-bottom:1px solid var(--line);text-align:left;vertical-align:top;overflow-wrap:anywhere}
figure{margin:1.5rem 0}svg{width:100%;height:auto;font-size:10px}svg text{fill:var(--soft)}.grid{stroke:var(--line)}
rect.bar{fill:var(--bar)}rect.minor{fill:var(--minor)}rect.critical{fill:var(--critical)}pre{overflow:auto;font-size:.8rem}`;

const STATUS = {
  running: 'running',
  verified: '✓ VERIFIED',
  minor: '⚠ MINOR_DISCREPANCY',
  critical: '✗ CRITICAL',
  failed: '✗ FAILED',
} as const;

/** A run as a page by itself: nothing is loaded from anywhere. */
export function htmlReport(report: HtmlReport): string {
  const { run, findings, checkpoint, history } = report;
  const runs = [run, ...history.filter((one) => one.run_id !== run.run_id)].slice(0, 60).reverse();
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Audit ${run.run_id}</title><style>${STYLE}</style></head><body>
<h1>Balance reconciliation, run ${run.run_id}: <span class="${run.status}">${STATUS[run.status]}</span></h1>
<p class="soft">${escapeHtml(run.mode)}, ${escapeHtml(run.trigger)} by ${escapeHtml(run.started_by)}, ${time(run.started_at, report.timeZone)}</p>
<dl>${factsOf(run)
    .map(([name, value]) => `<div><dt>${name}</dt><dd>${escapeHtml(value)}</dd></div>`)
    .join('')}</dl>
${run.notes.map((note) => `<p>Note: ${escapeHtml(note)}</p>`).join('')}${run.error ? `<p class="failed">${escapeHtml(run.error)}</p>` : ''}
<h2>Findings</h2>
${findingsTable(findings)}
<h2>Over time</h2>
${charts(runs, report.timeZone)}
${checkpoint ? `<h2>Checkpoint</h2><pre>${escapeHtml(checkpoint.statement)}\n\nkey: ${escapeHtml(checkpoint.key_id)}\nsignature: ${escapeHtml(checkpoint.signature)}</pre>` : ''}
</body></html>
`;
}

function factsOf(run: AuditRun): [string, string][] {
  const count = (value: number) => value.toLocaleString('en-US');
  const money = (decimal: string) => `${groupMoney(minorOf(decimal))} ${currencyName(run.currency)}`;
  return [
    ['Vendors checked', count(run.vendors_checked)],
    ['Verified', count(run.verified)],
    ['Minor, open', count(run.minor)],
    ['Minor, fixed', count(run.minor_fixed)],
    ['Critical', count(run.critical)],
    ['Transactions checked', count(run.transactions_checked)],
    ['Commands checked', count(run.commands_checked)],
    ['Phone numbers erased', count(run.numbers_erased)],
    ['Duration', `${((run.duration_ms ?? 0) / 1_000).toFixed(2)} s`],
    ['Stored total', money(run.stored_total)],
    ['Calculated total', money(run.calculated_total)],
  ];
}

function findingsTable(findings: readonly Finding[]): string {
  if (findings.length === 0) return '<p class="verified">None.</p>';
  const rows = findings.slice(0, FINDINGS_SHOWN).map(
    (
      found,
    ) => `<tr><td>${found.number}</td><td class="${found.level}">${found.level}${found.fixed ? ' (fixed)' : ''}</td>
<td>${found.check}</td><td>${found.vendor_id ?? 'all'}${found.seq === null ? '' : ` / ${found.seq}`}</td>
<td>${escapeHtml(found.message)}<br><span class="soft">expected ${escapeHtml(found.expected)}, found ${escapeHtml(found.found)}</span></td>
<td>${escapeHtml(found.advice)}</td></tr>`,
  );
  const more =
    findings.length > FINDINGS_SHOWN ? `<p>… and ${findings.length - FINDINGS_SHOWN} more.</p>` : '';
  return `<table><thead><tr><th>No.</th><th>Level</th><th>Check</th><th>Vendor / transaction</th><th>What</th><th>What to do</th></tr></thead>
<tbody>${rows.join('\n')}</tbody></table>${more}`;
}

function charts(runs: readonly AuditRun[], timeZone: string): string {
  const bars = (values: (run: AuditRun) => number[]): Bar[] =>
    runs.map((run) => ({
      label: `run ${run.run_id}, ${time(run.started_at, timeZone)}: ${values(run).join(' + ')}`,
      values: values(run),
    }));
  return [
    barChart({
      title: 'Vendors with findings',
      unit: 'minor (fixed or not) and critical, per run',
      series: ['minor', 'critical'],
      bars: bars((run) => [run.minor + run.minor_fixed, run.critical]),
    }),
    barChart({
      title: 'Volume',
      unit: 'transactions checked per run',
      series: ['bar'],
      bars: bars((run) => [run.transactions_checked]),
    }),
    barChart({
      title: 'Duration',
      unit: 'seconds per run',
      series: ['bar'],
      bars: bars((run) => [(run.duration_ms ?? 0) / 1_000]),
    }),
  ].join('\n');
}

const time = (iso: string, timeZone: string): string =>
  new Intl.DateTimeFormat('en-GB', { timeZone, dateStyle: 'medium', timeStyle: 'medium' }).format(
    new Date(iso),
  );
