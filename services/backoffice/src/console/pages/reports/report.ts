import { type AuditRun, type Checkpoint, type Finding, formatMoney, minorOf } from '@b2b-charge/contracts';
import { Refusal } from '@b2b-charge/http/errors';
import { rowIdField } from '@b2b-charge/http/fields';
import { raw } from '@b2b-charge/http/reply';
import { z } from 'zod';
import { definePage, type Visit } from '../../http/page.ts';
import { show } from '../../http/reply.ts';
import { type Html, html } from '../../parts/html.ts';
import { pagination, table } from '../../parts/table.ts';
import { amount, section, stats, time } from '../../parts/values.ts';
import { vendorNames } from '../../parts/vendor-names.ts';
import { auditCharts } from './charts.ts';
import { duration, findingColumns, findReport, isOpenMinor, PATH, runStatus } from './show-run.ts';
import { texts } from './texts.ts';

const ROWS = 100;
const HISTORY = 30;
const REFRESH_S = 2;

export const report = definePage({
  id: 'report',
  path: '/admin/reports/:id/',
  access: ['admin', 'approver', 'auditor'],
  params: z.object({ id: rowIdField }),
  input: z.object({ cursor: rowIdField.optional() }),
  async handle(request, { backoffice }) {
    const t = texts[request.locale];
    const { id } = request.params;
    const { run, findings, checkpoint } = await findReport(backoffice, id);
    const rest = findings.filter(({ number }) => number > (request.input.cursor ?? 0));
    const rows = rest.slice(0, ROWS);
    const names = await vendorNames(
      backoffice,
      rows.flatMap(({ vendor_id }) => vendor_id ?? []),
    );
    const { runs } = await backoffice.ask('audit.runs', { limit: HISTORY });
    const list = table<Finding>(request, {
      caption: t.findingsCaption,
      none: run.status === 'running' ? t.notYet : t.noFindings,
      rows,
      columns: findingColumns(request, run, names),
    });
    const next = rest.length > ROWS ? String(rows.at(-1)!.number) : null;
    const body = html`
      ${head(request, run)}
      ${section(t.findings, html`${list}${pagination(request, next)}`)}
      ${runs.length > 1 ? section(t.history, auditCharts(request, runs)) : null}
      ${checkpoint ? signedState(request, checkpoint) : null}`;
    const mayFix = request.operator.role === 'admin' && findings.some(isOpenMinor);
    return show(t.one(String(id)), body, {
      under: 'reports',
      refreshS: run.status === 'running' ? REFRESH_S : null,
      tools: html`<a class="button" href="${PATH}${id}/report.txt">${t.asText}</a>
        ${mayFix ? html`<a class="button danger" href="${PATH}${id}/fix/">${t.fixMinor}</a>` : null}`,
    });
  },
});

/** As the command line prints it. */
export const reportText = definePage({
  id: 'report-text',
  path: '/admin/reports/:id/report.txt',
  access: ['admin', 'approver', 'auditor'],
  params: z.object({ id: rowIdField }),
  async handle({ params: { id } }, { backoffice }) {
    const found = await backoffice.ask('audit.report', { run_id: id, format: 'text' });
    if (!found) throw new Refusal('NOT_FOUND');
    return raw(200, { 'content-type': found.content_type }, found.body ?? '');
  },
});

function head(visit: Visit, run: AuditRun): Html {
  const t = texts[visit.locale];
  const { number, percent } = visit.formats;
  const difference = formatMoney(minorOf(run.stored_total) - minorOf(run.calculated_total));
  const figures = stats([
    {
      label: t.status,
      value: runStatus(visit, run),
      note: html`${t[run.mode]}, <bdi>${run.started_by.replace(/^admin:/, '')}</bdi>`,
    },
    {
      label: t.started,
      value: html`<small>${time(visit, run.started_at)}</small>`,
      note: duration(visit, run),
    },
    { label: t.vendors, value: number(run.vendors_checked) },
    { label: t.transactions, value: number(run.transactions_checked) },
    { label: t.commands, value: number(run.commands_checked) },
    ...(run.numbers_erased > 0 ? [{ label: t.erased, value: number(run.numbers_erased) }] : []),
    {
      label: t.minors,
      value: number(run.minor + run.minor_fixed),
      note: run.minor_fixed > 0 ? t.fixedOf(number(run.minor_fixed)) : null,
    },
    { label: t.criticals, value: number(run.critical) },
    {
      label: t.stored,
      value: amount(visit, run.stored_total),
      note: minorOf(difference) === 0n ? null : html`${t.difference}: ${amount(visit, difference)}`,
    },
  ]);
  const share = run.progress ?? 0;
  return html`
    ${run.status === 'running' ? html`<div class="card"><label class="progress">${t.progress(percent(share))}<progress max="1" value="${share}"></progress></label></div>` : figures}
    ${run.error === null ? null : html`<p class="problem" role="alert" lang="en"><bdi>${run.error}</bdi></p>`}
    ${run.notes.length === 0 ? null : section(t.notes, html`<ul class="says" lang="en">${run.notes.map((note) => html`<li><bdi>${note}</bdi></li>`)}</ul>`)}`;
}

function signedState({ locale }: Visit, { statement, key_id, signature }: Checkpoint): Html {
  const t = texts[locale];
  return section(
    t.checkpoint,
    html`<details class="more"><summary>${t.checkpointText}</summary>
      <pre dir="ltr" tabindex="0">${statement}\n\nkey ${key_id}\nsignature ${signature}</pre></details>`,
  );
}
