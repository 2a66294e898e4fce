import { type AuditRun, RUN_STATUSES } from '@b2b-charge/contracts';
import { cursorQuery } from '@b2b-charge/http/fields';
import { z } from 'zod';
import { definePage, type Visit } from '../../http/page.ts';
import { show } from '../../http/reply.ts';
import { filterForm, select } from '../../parts/form.ts';
import { html } from '../../parts/html.ts';
import { type Column, pagination, table } from '../../parts/table.ts';
import { section, time } from '../../parts/values.ts';
import { auditCharts } from './charts.ts';
import { duration, PATH, runStatus } from './show-run.ts';
import { texts } from './texts.ts';

const ROWS = 30;
const REFRESH_S = 3;

export const reports = definePage({
  id: 'reports',
  path: PATH,
  access: ['admin', 'approver', 'auditor'],
  menu: { order: 50, text: { en: texts.en.title, fa: texts.fa.title } },
  input: z.object({ status: z.enum(RUN_STATUSES).optional(), cursor: cursorQuery.optional() }),
  async handle(request, { backoffice }) {
    const t = texts[request.locale];
    const { status, cursor } = request.input;
    const page = await backoffice.ask('audit.runs', { status, cursor, limit: ROWS });
    const choices = [['', t.all] as const, ...RUN_STATUSES.map((one) => [one, t[one]] as const)];
    const filter = filterForm(
      request,
      PATH,
      select({ name: 'status', label: t.status, value: status, choices }),
    );
    const list = table(request, {
      caption: t.caption,
      none: t.none,
      rows: page.runs,
      columns: columnsOf(request),
    });
    const body = html`${filter}${list}${pagination(request, page.next_cursor)}
      ${page.runs.length > 1 ? section(t.history, auditCharts(request, page.runs)) : null}`;
    const isAdmin = request.operator.role === 'admin';
    return show(t.title, body, {
      tools: isAdmin ? html`<a class="button primary" href="${PATH}new/">${t.runNow}</a>` : null,
      refreshS: page.runs.some((run) => run.status === 'running') ? REFRESH_S : null,
    });
  },
});

function columnsOf(visit: Visit): Column<AuditRun>[] {
  const t = texts[visit.locale];
  const { number } = visit.formats;
  const count = (head: string, of: (run: AuditRun) => number): Column<AuditRun> => ({
    head,
    numeric: true,
    cell: (run) => html`<bdi>${number(of(run))}</bdi>`,
  });
  return [
    {
      head: t.number,
      names: true,
      cell: ({ run_id }) => html`<a href="${PATH}${run_id}/"><bdi>${number(run_id)}</bdi></a>`,
    },
    { head: t.status, cell: (run) => runStatus(visit, run) },
    { head: t.started, cell: ({ started_at }) => time(visit, started_at) },
    { head: t.mode, cell: ({ mode }) => t[mode] },
    count(t.vendors, (run) => run.vendors_checked),
    count(t.transactions, (run) => run.transactions_checked),
    count(t.minors, (run) => run.minor + run.minor_fixed),
    count(t.criticals, (run) => run.critical),
    { head: t.duration, numeric: true, cell: (run) => html`<bdi>${duration(visit, run)}</bdi>` },
    { head: t.by, cell: ({ started_by }) => html`<bdi>${started_by.replace(/^admin:/, '')}</bdi>` },
  ];
}
