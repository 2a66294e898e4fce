import { rowIdField } from '@b2b-charge/http/fields';
import { callersTrace } from '@b2b-charge/http/tracing/callers-trace';
import { z } from 'zod';
import type { Backoffice } from '../../../backoffice.ts';
import { defineAct, definePage, type Problem, type Visit } from '../../http/page.ts';
import { redirect, type Shown, show } from '../../http/reply.ts';
import { operatorActor } from '../../operators/operator.ts';
import { confirm } from '../../parts/confirm.ts';
import { html } from '../../parts/html.ts';
import { table } from '../../parts/table.ts';
import { empty } from '../../parts/values.ts';
import { vendorNames } from '../../parts/vendor-names.ts';
import { findingColumns, findReport, isOpenMinor, PATH } from './show-run.ts';
import { texts } from './texts.ts';

const FIX = '/admin/reports/:id/fix/';
const WAIT_MS = 2_000;
const LISTED = 100;
const byId = z.object({ id: rowIdField });

export const fixPage = definePage({
  id: 'fix',
  path: FIX,
  access: ['admin'],
  params: byId,
  handle: (request, { backoffice }) => ask(request, backoffice, request.params.id),
});

/** What is slightly wrong is looked for anew: the report may be old, and is no ground for a change. */
export const fix = defineAct({
  id: 'fix-act',
  path: FIX,
  access: ['admin'],
  params: byId,
  trail: { act: 'audit.fix', target: ({ params }) => `audit:${params.id}` },
  again: (request, problem, { backoffice }) => ask(request, backoffice, request.params.id, problem),
  async handle({ params, operator, headers }, { backoffice }) {
    await findReport(backoffice, params.id);
    const by = operatorActor(operator);
    const run = await backoffice.ask(
      'audit.run',
      { mode: 'incremental', fix: true, by, wait_ms: WAIT_MS },
      { traceparent: callersTrace(headers) },
    );
    return { ...redirect(`${PATH}${run.run_id}/`, 'audit_started'), noted: { run: run.run_id } };
  },
});

async function ask(visit: Visit, backoffice: Backoffice, id: number, problem?: Problem): Promise<Shown> {
  const t = texts[visit.locale];
  const { run, findings } = await findReport(backoffice, id);
  const open = findings.filter(isOpenMinor);
  const vendors = [...new Set(open.flatMap(({ vendor_id }) => vendor_id ?? []))];
  if (open.length === 0) {
    const back = html`<a class="button" href="${PATH}${id}/">${t.back}</a>`;
    return show(t.fixTitle, empty(t.fixNothing, back), { under: 'reports' });
  }
  const names = await vendorNames(backoffice, vendors);
  return confirm(visit, {
    title: t.fixTitle,
    under: 'reports',
    says: [t.fixAudits, t.fixRebuilds(visit.formats.number(open.length)), t.fixTruth],
    action: `${PATH}${id}/fix/`,
    submit: t.fixSubmit,
    cancel: `${PATH}${id}/`,
    problem: problem ?? null,
    fields: table(visit, {
      caption: t.findingsCaption,
      rows: open.slice(0, LISTED),
      columns: findingColumns(visit, run, names),
    }),
  });
}
