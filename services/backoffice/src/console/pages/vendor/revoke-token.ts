import { Refusal } from '@b2b-charge/http/errors';
import { rowIdField, vendorIdField } from '@b2b-charge/http/fields';
import { z } from 'zod';
import { listTokens } from '../../../tokens/token-store.ts';
import { revokeVendorToken } from '../../../tokens/vendor-tokens.ts';
import { defineAct, definePage } from '../../http/page.ts';
import { redirect } from '../../http/reply.ts';
import { operatorActor } from '../../operators/operator.ts';
import { confirm } from '../../parts/confirm.ts';
import { html } from '../../parts/html.ts';
import { time } from '../../parts/values.ts';
import { texts } from './change-texts.ts';
import { findVendor } from './vendor.ts';

const common = {
  path: '/admin/vendors/:id/tokens/:token_id/revoke/',
  access: ['admin'],
  params: z.object({ id: vendorIdField, token_id: rowIdField }),
} as const;

export const revokePage = definePage({
  ...common,
  id: 'vendor-token-revoke',
  async handle(request, { backoffice }) {
    const t = texts[request.locale];
    const { id, token_id } = request.params;
    const vendor = await findVendor(backoffice, id);
    const [token] = await listTokens(backoffice.db, { vendorId: id, afterId: token_id - 1, limit: 1 });
    if (token?.id !== token_id) throw new Refusal('NOT_FOUND');
    return confirm(request, {
      title: t.revokeTitle(token.name),
      about: [
        [t.name, html`<bdi>${vendor.name}</bdi>`],
        [t.lastUse, token.last_used_at === null ? t.never : time(request, token.last_used_at)],
      ],
      says: [t.revokeSays1, t.revokeSays2],
      action: `/admin/vendors/${id}/tokens/${token_id}/revoke/`,
      submit: t.revoke,
      cancel: `/admin/vendors/${id}/tokens/`,
      under: 'vendors',
    });
  },
});

export const revoke = defineAct({
  ...common,
  id: 'vendor-token-revoke-act',
  trail: {
    act: 'token.revoke',
    target: ({ params: { id } }) => `vendor:${id}`,
    details: ({ params: { token_id } }) => ({ token_id }),
  },
  async handle({ params: { id, token_id }, operator }, { backoffice }) {
    const place = { vendorId: id, tokenId: token_id };
    if (!(await revokeVendorToken(backoffice, place, operatorActor(operator))))
      throw new Refusal('NOT_FOUND');
    return redirect(`/admin/vendors/${id}/tokens/`, 'token_revoked');
  },
});
