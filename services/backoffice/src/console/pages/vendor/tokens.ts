import type { VendorId } from '@b2b-charge/contracts';
import { Refusal } from '@b2b-charge/http/errors';
import { textField, vendorIdField } from '@b2b-charge/http/fields';
import { z } from 'zod';
import { listTokens, type TokenView } from '../../../tokens/token-store.ts';
import { issueVendorToken } from '../../../tokens/vendor-tokens.ts';
import type { Desk } from '../../desk.ts';
import { tickInput } from '../../http/inputs.ts';
import { defineAct, definePage, type Problem, type Visit } from '../../http/page.ts';
import { type Shown, show } from '../../http/reply.ts';
import { operatorActor } from '../../operators/operator.ts';
import { actForm, checkbox, field, select } from '../../parts/form.ts';
import { type Html, html } from '../../parts/html.ts';
import { table } from '../../parts/table.ts';
import { texts as frame } from '../../parts/texts.ts';
import { badge, section, time } from '../../parts/values.ts';
import { texts } from './change-texts.ts';
import { findVendor } from './vendor.ts';

const common = {
  path: '/admin/vendors/:id/tokens/',
  access: ['admin'],
  params: z.object({ id: vendorIdField }),
} as const;
const LISTED = 1_000;
const DAY_S = 86_400;
const LIVES = { month: 30 * DAY_S, quarter: 90 * DAY_S, year: 365 * DAY_S } as const;

export const tokensPage = definePage({
  ...common,
  id: 'vendor-tokens',
  handle: (request, desk) => tokensOf(request, desk, request.params.id, {}),
});

async function tokensOf(
  visit: Visit,
  { backoffice }: Desk,
  vendorId: number,
  values: Readonly<Record<string, unknown>>,
  problem?: Problem,
): Promise<Shown> {
  const t = texts[visit.locale];
  const vendor = await findVendor(backoffice, vendorId);
  const tokens = await listTokens(backoffice.db, { vendorId, limit: LISTED });
  const list = table<TokenView>(visit, {
    caption: t.tokensCaption,
    none: t.noTokens,
    rows: tokens.toReversed(),
    columns: [
      { head: t.tokenName, names: true, cell: (row) => html`<bdi>${row.name}</bdi>` },
      { head: t.state, cell: (row) => stateOf(visit, row, backoffice.now()) },
      {
        head: t.created,
        cell: (row) =>
          html`${time(visit, row.created_at)} <small>${t.by} <bdi>${row.created_by}</bdi></small>`,
      },
      {
        head: t.lastUse,
        cell: (row) => (row.last_used_at === null ? t.never : time(visit, row.last_used_at)),
      },
      {
        head: t.action,
        cell: (row) =>
          isLiving(row, backoffice.now())
            ? html`<a href="/admin/vendors/${vendorId}/tokens/${row.id}/revoke/">${t.revoke} <span class="hidden">${row.name}</span></a>`
            : null,
      },
    ],
  });
  const fields = html`
    ${field({ name: 'name', label: t.tokenName, hint: t.tokenHint, value: values.name, problem, required: true, maxLength: 80, ltr: true })}
    ${select({
      name: 'life',
      label: t.expires,
      value: values.life,
      problem,
      choices: [
        ['', t.forever],
        ...(['month', 'quarter', 'year'] as const).map((life) => [life, t[life]] as const),
      ],
    })}
    ${checkbox({ name: 'read_only', label: t.readOnly, checked: values.read_only === 'true' })}`;
  const action = `/admin/vendors/${vendorId}/tokens/`;
  const form = actForm(visit, {
    action,
    submit: t.issue,
    fields,
    problem,
    cancel: `/admin/vendors/${vendorId}/`,
  });
  const body = html`${list}${section(t.issue, html`<div class="narrow">${form}</div>`)}`;
  return show(t.tokensTitle(vendor.name), body, { under: 'vendors', status: problem ? 422 : 200 });
}

export const isLiving = ({ revoked_at, expires_at }: TokenView, nowMs: number): boolean =>
  revoked_at === null && (expires_at === null || Date.parse(expires_at) > nowMs);

function stateOf(visit: Visit, token: TokenView, nowMs: number): Html {
  const t = texts[visit.locale];
  if (token.revoked_at !== null) return badge('bad', t.revoked);
  if (!isLiving(token, nowMs)) return badge('plain', t.expired);
  const end =
    token.expires_at === null ? null : html` <small>${t.until(visit.formats.day(token.expires_at))}</small>`;
  return html`${badge('good', t.valid)}${token.read_only ? html` <small>${t.readOnly}</small>` : null}${end}`;
}

export const issueToken = defineAct({
  ...common,
  id: 'vendor-tokens-act',
  input: z.object({
    name: textField(80),
    life: z.enum(['month', 'quarter', 'year']).optional(),
    read_only: tickInput,
  }),
  trail: {
    act: 'token.issue',
    target: ({ params: { id } }) => `vendor:${id}`,
    details: ({ input }) => ({ ...input }),
  },
  again: (request, problem, desk) => tokensOf(request, desk, request.params.id, request.input, problem),
  async handle(request, { backoffice }) {
    const t = texts[request.locale];
    const { name, life, read_only: readOnly } = request.input;
    const vendorId = request.params.id as VendorId;
    // A form that is sent again, by a reload for instance, must not issue a second one.
    const known = await listTokens(backoffice.db, { vendorId, limit: LISTED });
    if (known.some((token) => token.name === name && isLiving(token, backoffice.now())))
      throw new Refusal('VALIDATION_ERROR', { details: { fields: new Map([['name', t.taken]]) } });
    const expiresInS = life === undefined ? null : LIVES[life];
    const wanted = { vendorId, name, readOnly, expiresInS };
    const issued = await issueVendorToken(backoffice, wanted, operatorActor(request.operator));
    if (!issued) throw new Refusal('NOT_FOUND');
    const f = frame[request.locale];
    const body = html`<div class="card narrow">
      <p>${t.issuedSays}</p>
      <p class="secret"><code id="token" dir="ltr">${issued.secret}</code>
        <button type="button" data-copy="token" data-copied="${f.copied}" hidden>${f.copy}</button></p>
      <div class="actions"><a class="button primary" href="/admin/vendors/${vendorId}/tokens/">${t.done}</a></div>
    </div>`;
    return { ...show(t.issuedTitle, body, { under: 'vendors' }), noted: { token_id: issued.token.id } };
  },
});
