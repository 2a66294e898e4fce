import { CREDIT_STATUSES, type CreditRequest } from '@b2b-charge/contracts';
import { cursorQuery, vendorIdField } from '@b2b-charge/http/fields';
import { z } from 'zod';
import { assetUrl } from '../../assets.ts';
import { definePage, type Visit } from '../../http/page.ts';
import { show } from '../../http/reply.ts';
import { field, filterForm, select } from '../../parts/form.ts';
import { type Html, html } from '../../parts/html.ts';
import { type Column, pagination, table } from '../../parts/table.ts';
import { ago, figure } from '../../parts/values.ts';
import { type VendorNames, vendorLink, vendorNames } from '../../parts/vendor-names.ts';
import { approvalsOf, creditStatus, PATH, personOf } from './show-credit.ts';
import { texts } from './texts.ts';

const ROWS = 50;
const CHOICES = ['pending', 'all', ...CREDIT_STATUSES.filter((status) => status !== 'pending')] as const;

/** The queue: what waits for a decision, the oldest first; everything else newest first. */
export const credits = definePage({
  id: 'credits',
  path: PATH,
  access: ['admin', 'approver', 'auditor'],
  menu: { order: 30, text: { en: texts.en.title, fa: texts.fa.title } },
  input: z.object({
    status: z.enum(CHOICES).default('pending'),
    vendor: vendorIdField.optional(),
    cursor: cursorQuery.optional(),
  }),
  async handle(request, { backoffice }) {
    const t = texts[request.locale];
    const { status, vendor, cursor } = request.input;
    const page = await backoffice.ask('credits.list', {
      status: status === 'all' ? null : status,
      vendor_id: vendor,
      cursor,
      limit: ROWS,
      oldest_first: status === 'pending',
    });
    const names = await vendorNames(
      backoffice,
      page.requests.map(({ vendor_id }) => vendor_id),
    );
    const decides = status === 'pending' && request.operator.role !== 'auditor' && page.requests.length > 0;
    const list = table(request, {
      caption: status === 'pending' ? t.waiting : t.caption,
      none: status === 'pending' ? t.nothingWaits : t.none,
      rows: page.requests,
      columns: columnsOf(request, names, { decides, nowMs: backoffice.now() }),
    });
    const body = html`
      ${filterForm(
        request,
        PATH,
        html`${select({ name: 'status', label: t.status, value: status, choices: CHOICES.map((one) => [one, t[one]]) })}
          ${field({ name: 'vendor', label: t.vendorNumber, value: vendor, ltr: true, inputMode: 'numeric' })}`,
      )}
      ${decides ? queue(request, list) : list}
      ${pagination(request, page.next_cursor)}`;
    return show(t.title, body);
  },
});

function columnsOf(
  visit: Visit,
  names: VendorNames,
  { decides, nowMs }: { decides: boolean; nowMs: number },
): Column<CreditRequest>[] {
  const t = texts[visit.locale];
  const box: Column<CreditRequest> = {
    head: t.select,
    cell: ({ id }) =>
      html`<input type="checkbox" name="id" value="${id}" aria-label="${t.selectOne(String(id))}">`,
  };
  const decide: Column<CreditRequest> = {
    head: t.actions,
    cell: ({ id }) => html`<span class="choices">
      <a class="button small" href="${PATH}approve/?id=${id}">${t.approve}</a>
      <a class="button small quiet" href="${PATH}reject/?id=${id}">${t.reject}</a></span>`,
  };
  return [
    ...(decides ? [box] : []),
    { head: t.number, names: true, cell: ({ id }) => html`<a href="${PATH}${id}/"><bdi>${id}</bdi></a>` },
    { head: t.vendor, cell: ({ vendor_id }) => vendorLink(names, vendor_id) },
    { head: t.amount(visit.formats.currency), numeric: true, cell: ({ amount }) => figure(visit, amount) },
    ...(decides ? [] : [{ head: t.status, cell: (row: CreditRequest) => creditStatus(visit, row) }]),
    { head: t.approvals, cell: (row) => approvalsOf(visit, row) },
    {
      head: t.asked,
      cell: ({ created_at, requested_by }) =>
        html`${ago(visit, created_at, nowMs)} <small><bdi>${personOf(requested_by)}</bdi></small>`,
    },
    ...(decides ? [decide] : []),
  ];
}

/** The list as a form that leads to the page which asks; keys are a comfort that the script adds. */
function queue(visit: Visit, list: Html): Html {
  const t = texts[visit.locale];
  return html`<form class="queue" method="get" action="${PATH}approve/">
    ${list}
    <div class="actions">
      <button class="primary">${t.approveSelected}</button>
      <button formaction="${PATH}reject/">${t.rejectSelected}</button>
      <output data-text="${t.selected}"></output>
      <small class="keys" hidden>${t.keys}</small>
    </div>
  </form>
  <script src="${assetUrl('queue.js')}" defer></script>`;
}
