import { randomUUID } from 'node:crypto';
import { textField } from '@b2b-charge/http/fields';
import { callersTrace } from '@b2b-charge/http/tracing/callers-trace';
import { z } from 'zod';
import { openVendor } from '../../../vendors/open-vendor.ts';
import { formKey, limitInput } from '../../http/inputs.ts';
import { defineAct, definePage, type Problem, type Visit } from '../../http/page.ts';
import { posted } from '../../http/posted.ts';
import { redirect, type Shown, show } from '../../http/reply.ts';
import { operatorActor, operatorPrincipal } from '../../operators/operator.ts';
import { actForm, field } from '../../parts/form.ts';
import { html } from '../../parts/html.ts';
import { texts } from './texts.ts';

const PATH = '/admin/vendors/new/';

function newVendorForm(visit: Visit, values: Readonly<Record<string, unknown>>, problem?: Problem): Shown {
  const t = texts[visit.locale];
  const key = typeof values.key === 'string' ? values.key : randomUUID();
  const fields = html`<input type="hidden" name="key" value="${key}">
    ${field({ name: 'name', label: t.name, hint: t.nameHint, value: values.name, problem, required: true, maxLength: 100, autofocus: true })}
    ${field({ name: 'daily_limit', label: t.dailyLimit, hint: t.limitHint(visit.formats.currency), value: values.daily_limit, problem, ltr: true, inputMode: 'decimal' })}`;
  const form = actForm(visit, { action: PATH, submit: t.submit, fields, problem, cancel: '/admin/vendors/' });
  return show(t.newTitle, html`<div class="card narrow">${form}</div>`, {
    under: 'vendors',
    status: problem ? 422 : 200,
  });
}

export const newVendor = definePage({
  id: 'new-vendor',
  path: PATH,
  access: ['admin'],
  handle: (request) => newVendorForm(request, {}),
});

export const openVendorAct = defineAct({
  id: 'new-vendor-act',
  path: PATH,
  access: ['admin'],
  input: z.object({ key: formKey, name: textField(100), daily_limit: limitInput }),
  trail: {
    act: 'vendor.open',
    target: ({ input }) => `vendor:${input.name}`,
    details: ({ input }) => ({ name: input.name, daily_limit: input.daily_limit ?? null }),
  },
  again: (request, problem) => newVendorForm(request, request.input, problem),
  async handle({ input, operator, headers }, { backoffice }) {
    const { vendorId, result } = await openVendor(backoffice, {
      name: input.name,
      dailyLimit: input.daily_limit ?? null,
      // The same form sent twice opens one vendor.
      creationKey: `console-${input.key}`,
      createdBy: operatorActor(operator),
      principal: operatorPrincipal(operator),
      traceparent: callersTrace(headers),
      rate_limit: null,
      require_idempotency_key: null,
    });
    posted(result);
    return { ...redirect(`/admin/vendors/${vendorId}/`, 'vendor_opened'), noted: { vendor_id: vendorId } };
  },
});
