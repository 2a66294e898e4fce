import type { CallResponse, CreditRequest } from '@b2b-charge/contracts';
import { Refusal } from '@b2b-charge/http/errors';
import { rowIdField } from '@b2b-charge/http/fields';
import { z } from 'zod';
import type { Backoffice } from '../../../backoffice.ts';
import { definePage, type Visit } from '../../http/page.ts';
import { show } from '../../http/reply.ts';
import { type Operator, operatorActor } from '../../operators/operator.ts';
import { listOperators } from '../../operators/operator-store.ts';
import { type Content, type Html, html } from '../../parts/html.ts';
import { table } from '../../parts/table.ts';
import { amount, code, facts, section, time } from '../../parts/values.ts';
import { vendorLink, vendorNames } from '../../parts/vendor-names.ts';
import { approvalsOf, creditStatus, hindrance, PATH, personOf } from './show-credit.ts';
import { texts } from './texts.ts';

const OPERATORS = 200;

export const credit = definePage({
  id: 'credit',
  path: '/admin/credits/:id/',
  access: ['admin', 'approver', 'auditor'],
  params: z.object({ id: rowIdField }),
  async handle(request, { backoffice }) {
    const t = texts[request.locale];
    const { id } = request.params;
    const found = await backoffice.ask('credits.get', { id });
    if (!found) throw new Refusal('NOT_FOUND');
    const { entries } = await backoffice.ask('credits.trail', { id });
    const names = await vendorNames(backoffice, [found.vendor_id]);
    const body = html`
      <div class="card">${facts(factsOf(request, found, vendorLink(names, found.vendor_id)))}
        ${found.status === 'pending' ? await whoMay(request, request.operator, found, backoffice) : null}</div>
      ${section(t.trail, happened(request, entries))}`;
    return show(t.one(String(id)), body, {
      under: 'credits',
      tools: decisions(request, request.operator, found),
    });
  },
});

function factsOf(visit: Visit, found: CreditRequest, vendor: Html): (readonly [string, Content])[] {
  const t = texts[visit.locale];
  const known = (label: string, value: string | null, cell: (text: string) => Content) =>
    value === null ? [] : [[label, cell(value)] as const];
  return [
    [t.vendor, vendor],
    [t.amountOnly, amount(visit, found.amount)],
    [t.status, creditStatus(visit, found)],
    [t.approvals, approvalsOf(visit, found) ?? '–'],
    [t.asked, time(visit, found.created_at)],
    [t.askedBy, html`<bdi>${personOf(found.requested_by)}</bdi>`],
    ...known(t.decidedAt, found.decided_at, (at) => time(visit, at)),
    ...known(t.decidedBy, found.decided_by, (by) => html`<bdi>${personOf(by)}</bdi>`),
    ...known(t.reason, found.reason, (reason) => html`<bdi>${reason}</bdi>`),
    ...known(
      t.transaction,
      found.transaction_id,
      (id) => html`<a href="/admin/transactions/${id}/">${code(id)}</a>`,
    ),
  ];
}

/** Of a large amount: who approved first, and who may be second. */
async function whoMay(
  visit: Visit,
  operator: Operator,
  found: CreditRequest,
  { db }: Backoffice,
): Promise<Html | null> {
  const t = texts[visit.locale];
  const mine = hindrance(found, operator);
  const own = mine === 'youAsked' || mine === 'youApproved' ? html`<li>${t[mine]}</li>` : null;
  if (found.approvals_needed < 2) return own && html`<ul class="says">${own}</ul>`;
  const spent = new Set([found.requested_by, ...found.approvals.map(({ by }) => by)]);
  const others = (await listOperators(db, OPERATORS)).filter(
    ({ enabled, role, username }) => enabled && role !== 'auditor' && !spent.has(operatorActor({ username })),
  );
  const names = others.map(({ username }, index) => html`${index > 0 ? ', ' : ''}<bdi>${username}</bdi>`);
  return html`<ul class="says">
    <li>${t.dual}</li>
    ${found.approvals.map(({ by }) => html`<li>${t.first(personOf(by))}</li>`)}
    ${own}
    ${found.approvals.length === 0 ? null : html`<li>${others.length > 0 ? html`${t.second} ${names}` : t.secondNobody}</li>`}
  </ul>`;
}

function decisions(visit: Visit, operator: Operator, found: CreditRequest): Html | null {
  if (operator.role === 'auditor' || found.status !== 'pending') return null;
  const t = texts[visit.locale];
  const approve = html`<a class="button primary" href="${PATH}approve/?id=${found.id}">${t.approve}</a>`;
  return html`${hindrance(found, operator) === null ? approve : null}
    <a class="button" href="${PATH}reject/?id=${found.id}">${t.reject}</a>`;
}

type Entry = CallResponse<'credits.trail'>['entries'][number];

function happened(visit: Visit, entries: readonly Entry[]): Html {
  const t = texts[visit.locale];
  const action = (name: string) => {
    const key = `act_${name}`;
    return Object.hasOwn(t, key) ? (t[key as 'act_posted'] ?? name) : name;
  };
  return table<Entry>(visit, {
    caption: t.trail,
    rows: entries,
    columns: [
      { head: t.at, cell: ({ at }) => time(visit, at) },
      { head: t.who, names: true, cell: ({ actor }) => html`<bdi>${personOf(actor)}</bdi>` },
      { head: t.what, cell: (entry) => html`${action(entry.action)}${reasonOf(entry)}` },
      { head: t.from, cell: ({ origin }) => (origin === null ? null : code(origin)) },
    ],
  });
}

const reasonOf = ({ details }: Entry): Html | null =>
  typeof details.reason === 'string' ? html`: <bdi>${details.reason}</bdi>` : null;
