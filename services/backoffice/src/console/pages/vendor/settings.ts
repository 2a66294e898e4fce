import type { VendorView } from '@b2b-charge/contracts';
import { textField, vendorIdField } from '@b2b-charge/http/fields';
import type { VendorSettings } from '@b2b-charge/http/views';
import { z } from 'zod';
import { NO_SETTINGS, vendorSettings } from '../../../vendors/vendor-store.ts';
import type { Desk } from '../../desk.ts';
import { countInput, limitInput, tickInput } from '../../http/inputs.ts';
import { defineAct, definePage, type Problem, type Visit } from '../../http/page.ts';
import { redirect, type Shown, show } from '../../http/reply.ts';
import { operatorActor } from '../../operators/operator.ts';
import { actForm, checkbox, field, select } from '../../parts/form.ts';
import { html } from '../../parts/html.ts';
import { texts } from './change-texts.ts';
import { change } from './suspend.ts';
import { findVendor } from './vendor.ts';

const common = {
  path: '/admin/vendors/:id/settings/',
  access: ['admin'],
  params: z.object({ id: vendorIdField }),
} as const;

export const settingsPage = definePage({
  ...common,
  id: 'vendor-settings',
  async handle(request, desk) {
    const vendor = await findVendor(desk.backoffice, request.params.id);
    const settings = (await vendorSettings(desk.backoffice.db, [vendor.vendor_id])).get(vendor.vendor_id);
    return settingsForm(request, desk, vendor, valuesOf(vendor, settings ?? NO_SETTINGS));
  },
});

const valuesOf = (vendor: VendorView, settings: VendorSettings) => ({
  name: vendor.name,
  daily_limit: vendor.daily_limit ?? '',
  rate_limit: settings.rate_limit === null ? '' : String(settings.rate_limit),
  require_key: settings.require_idempotency_key === null ? '' : String(settings.require_idempotency_key),
});

function settingsForm(
  visit: Visit,
  { backoffice }: Desk,
  { vendor_id, name }: Pick<VendorView, 'vendor_id' | 'name'>,
  values: Readonly<Record<string, unknown>>,
  problem?: Problem,
): Shown {
  const t = texts[visit.locale];
  const usual = visit.formats.number(backoffice.config.RATE_LIMIT_POINTS);
  const amounts = { ltr: true, inputMode: 'decimal', problem } as const;
  const fields = html`
    ${field({ name: 'name', label: t.name, value: values.name, problem, required: true, maxLength: 100 })}
    ${field({ ...amounts, name: 'daily_limit', label: t.dailyLimit, hint: t.limitHint(visit.formats.currency), value: values.daily_limit })}
    ${field({ ...amounts, name: 'rate_limit', label: t.rateLimit, hint: t.rateHint(usual), value: values.rate_limit, inputMode: 'numeric' })}
    ${select({
      name: 'require_key',
      label: t.requireKey,
      value: values.require_key,
      problem,
      choices: [
        ['', t.asEverybody],
        ['true', t.needed],
        ['false', t.optional],
      ],
    })}
    ${field({ ...amounts, name: 'credit_limit', label: t.creditLimit, hint: t.creditHint(visit.formats.currency), value: values.credit_limit })}
    ${checkbox({ name: 'no_credit_limit', label: t.noCreditLimit, checked: values.no_credit_limit === 'true' })}`;
  const here = `/admin/vendors/${vendor_id}/`;
  const form = actForm(visit, { action: `${here}settings/`, submit: t.save, fields, problem, cancel: here });
  return show(t.settingsTitle(name), html`<div class="card narrow">${form}</div>`, {
    under: 'vendors',
    status: problem ? 422 : 200,
  });
}

export const saveSettings = defineAct({
  ...common,
  id: 'vendor-settings-act',
  input: z.object({
    name: textField(100),
    daily_limit: limitInput,
    rate_limit: countInput.optional(),
    require_key: z.enum(['true', 'false']).optional(),
    credit_limit: limitInput,
    no_credit_limit: tickInput,
  }),
  trail: {
    act: 'vendor.change',
    target: ({ params: { id } }) => `vendor:${id}`,
    details: ({ input }) => ({ ...input }),
  },
  async again(request, problem, desk) {
    const vendor = await findVendor(desk.backoffice, request.params.id);
    return settingsForm(request, desk, vendor, request.input, problem);
  },
  async handle(request, desk) {
    const { input, params, operator, requestId } = request;
    await change(desk, request, {
      name: input.name,
      daily_limit: input.daily_limit ?? null,
      rate_limit: input.rate_limit ?? null,
      require_idempotency_key: input.require_key === undefined ? null : input.require_key === 'true',
    });
    if (input.no_credit_limit || input.credit_limit != null) {
      await desk.backoffice.ask('credits.set-limit', {
        vendor_id: params.id,
        daily_limit: input.no_credit_limit ? null : (input.credit_limit ?? null),
        by: operatorActor(operator),
        origin: `console ${requestId}`,
      });
    }
    return redirect(`/admin/vendors/${params.id}/`, 'vendor_changed');
  },
});
