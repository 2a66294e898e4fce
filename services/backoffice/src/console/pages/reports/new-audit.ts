import { vendorIdField } from '@b2b-charge/http/fields';
import { z } from 'zod';
import { defineAct, definePage, type Problem, type Visit } from '../../http/page.ts';
import { redirect, type Shown, show } from '../../http/reply.ts';
import { operatorActor } from '../../operators/operator.ts';
import { actForm, field, select } from '../../parts/form.ts';
import { html } from '../../parts/html.ts';
import { PATH } from './show-run.ts';
import { texts } from './texts.ts';

const NEW = '/admin/reports/new/';
/** An audit of little is over by then, and its page shows the end at once. */
const WAIT_MS = 400;

export const newAudit = definePage({
  id: 'new-audit',
  path: NEW,
  access: ['admin'],
  handle: (request) => form(request, {}),
});

export const startAudit = defineAct({
  id: 'new-audit-act',
  path: NEW,
  access: ['admin'],
  input: z
    .object({ scope: z.enum(['incremental', 'full', 'vendor']), vendor: vendorIdField.optional() })
    .refine(({ scope, vendor }) => scope !== 'vendor' || vendor !== undefined, {
      path: ['vendor'],
      message: 'field_required',
    }),
  trail: {
    act: 'audit.run',
    target: ({ input }) => (input.scope === 'vendor' ? `vendor:${input.vendor}` : 'books'),
    details: ({ input }) => ({ scope: input.scope }),
  },
  again: (request, problem) => form(request, request.input, problem),
  async handle({ input: { scope, vendor }, operator }, { backoffice }) {
    if (scope === 'vendor') return redirect(`/admin/vendors/${vendor}/verification/?full=true`);
    const by = operatorActor(operator);
    const run = await backoffice.ask('audit.run', { mode: scope, by, wait_ms: WAIT_MS });
    return { ...redirect(`${PATH}${run.run_id}/`, 'audit_started'), noted: { run: run.run_id } };
  },
});

function form(visit: Visit, values: Readonly<Record<string, unknown>>, problem?: Problem): Shown {
  const t = texts[visit.locale];
  const choices = [
    ['incremental', t.scopeNew],
    ['full', t.scopeFull],
    ['vendor', t.scopeVendor],
  ] as const;
  const fields = html`
    ${select({ name: 'scope', label: t.scope, value: values.scope, choices, problem })}
    ${field({ name: 'vendor', label: t.vendorNumber, hint: t.vendorHint, value: values.vendor, problem, ltr: true, inputMode: 'numeric' })}`;
  const card = actForm(visit, { action: NEW, submit: t.begin, fields, problem, cancel: PATH });
  return show(t.newTitle, html`<div class="card narrow">${card}</div>`, {
    under: 'reports',
    status: problem ? 422 : 200,
  });
}
