import type { IncomingHttpHeaders } from 'node:http';
import type { VendorId } from '@b2b-charge/contracts';
import { Refusal } from '@b2b-charge/http/errors';
import { vendorIdField } from '@b2b-charge/http/fields';
import { callersTrace } from '@b2b-charge/http/tracing/callers-trace';
import { z } from 'zod';
import { changeVendor, type VendorChange } from '../../../vendors/change-vendor.ts';
import type { Desk } from '../../desk.ts';
import { defineAct, definePage } from '../../http/page.ts';
import { posted } from '../../http/posted.ts';
import { redirect } from '../../http/reply.ts';
import { type Operator, operatorActor, operatorPrincipal } from '../../operators/operator.ts';
import { confirm } from '../../parts/confirm.ts';
import { amount } from '../../parts/values.ts';
import { texts } from './change-texts.ts';
import { findVendor } from './vendor.ts';

const params = z.object({ id: vendorIdField });

/** Changes a vendor's books. Throws Refusal with what stood in the way. */
export async function change(
  { backoffice }: Desk,
  request: { operator: Operator; headers: IncomingHttpHeaders; params: { id: number } },
  to: VendorChange,
): Promise<void> {
  const { operator, headers, params } = request;
  const changed = await changeVendor(backoffice, params.id as VendorId, to, {
    by: operatorActor(operator),
    principal: operatorPrincipal(operator),
    traceparent: callersTrace(headers),
  });
  if (changed.kind === 'unknown') throw new Refusal('NOT_FOUND');
  if (changed.kind === 'not-posted') posted(changed.result);
}

export const suspendPage = definePage({
  id: 'vendor-suspend',
  path: '/admin/vendors/:id/suspend/',
  access: ['admin'],
  params,
  async handle(request, { backoffice }) {
    const t = texts[request.locale];
    const { vendor_id, name, balance } = await findVendor(backoffice, request.params.id);
    return confirm(request, {
      title: t.suspendTitle(name),
      about: [
        [t.number, String(vendor_id)],
        [t.balance, amount(request, balance)],
      ],
      says: [t.suspendSays1, t.suspendSays2, t.suspendSays3],
      action: `/admin/vendors/${vendor_id}/suspend/`,
      submit: t.suspend,
      cancel: `/admin/vendors/${vendor_id}/`,
      under: 'vendors',
    });
  },
});

export const suspend = defineAct({
  id: 'vendor-suspend-act',
  path: '/admin/vendors/:id/suspend/',
  access: ['admin'],
  params,
  trail: { act: 'vendor.suspend', target: ({ params: { id } }) => `vendor:${id}` },
  async handle(request, desk) {
    await change(desk, request, { status: 'suspended' });
    return redirect(`/admin/vendors/${request.params.id}/`, 'vendor_suspended');
  },
});

export const activatePage = definePage({
  id: 'vendor-activate',
  path: '/admin/vendors/:id/activate/',
  access: ['admin'],
  params,
  async handle(request, { backoffice }) {
    const t = texts[request.locale];
    const { vendor_id, name, balance } = await findVendor(backoffice, request.params.id);
    return confirm(request, {
      title: t.activateTitle(name),
      about: [
        [t.number, String(vendor_id)],
        [t.balance, amount(request, balance)],
      ],
      says: [t.activateSays],
      action: `/admin/vendors/${vendor_id}/activate/`,
      submit: t.activate,
      cancel: `/admin/vendors/${vendor_id}/`,
      danger: false,
      under: 'vendors',
    });
  },
});

export const activate = defineAct({
  id: 'vendor-activate-act',
  path: '/admin/vendors/:id/activate/',
  access: ['admin'],
  params,
  trail: { act: 'vendor.activate', target: ({ params: { id } }) => `vendor:${id}` },
  async handle(request, desk) {
    await change(desk, request, { status: 'active' });
    return redirect(`/admin/vendors/${request.params.id}/`, 'vendor_activated');
  },
});
