import type { VendorView } from '@b2b-charge/contracts';
import { cursorQuery, textField } from '@b2b-charge/http/fields';
import { z } from 'zod';
import { definePage, type Visit } from '../../http/page.ts';
import { show } from '../../http/reply.ts';
import { field, filterForm } from '../../parts/form.ts';
import { html } from '../../parts/html.ts';
import { type Column, pagination, table } from '../../parts/table.ts';
import { badge, figure } from '../../parts/values.ts';
import { texts } from './texts.ts';

const PATH = '/admin/vendors/';
const ROWS = 50;

export const vendorStatus = ({ locale }: Visit, { status }: Pick<VendorView, 'status'>) =>
  badge(status === 'active' ? 'good' : 'bad', texts[locale][status]);

export const vendors = definePage({
  id: 'vendors',
  path: PATH,
  access: ['admin', 'approver', 'auditor'],
  menu: { order: 20, text: { en: texts.en.title, fa: texts.fa.title } },
  input: z.object({ search: textField(100).optional(), cursor: cursorQuery.optional() }),
  async handle(request, { backoffice }) {
    const t = texts[request.locale];
    const { search, cursor } = request.input;
    const page = await backoffice.ask('ledger.query.vendors', { search, cursor, limit: ROWS });
    const body = html`
      ${filterForm(request, PATH, field({ name: 'search', label: t.search, type: 'search', value: search }))}
      ${table(request, {
        caption: t.caption,
        columns: columnsOf(request),
        rows: page.vendors,
        none: search === undefined ? t.none : t.notFound,
      })}
      ${pagination(request, page.next_cursor)}`;
    const mayOpen = request.operator.role === 'admin';
    const tools = mayOpen ? html`<a class="button primary" href="${PATH}new/">${t.open}</a>` : null;
    return show(t.title, body, { tools });
  },
});

function columnsOf(visit: Visit): Column<VendorView>[] {
  const t = texts[visit.locale];
  const { currency } = visit.formats;
  return [
    { head: t.id, numeric: true, cell: ({ vendor_id }) => html`<bdi>${vendor_id}</bdi>` },
    {
      head: t.name,
      names: true,
      cell: ({ vendor_id, name }) => html`<a href="${PATH}${vendor_id}/"><bdi>${name}</bdi></a>`,
    },
    { head: t.status, cell: (vendor) => vendorStatus(visit, vendor) },
    { head: t.balance(currency), numeric: true, cell: ({ balance }) => figure(visit, balance) },
    { head: t.today(currency), numeric: true, cell: ({ charged_today }) => figure(visit, charged_today) },
    {
      head: t.limit(currency),
      numeric: true,
      cell: ({ daily_limit }) =>
        daily_limit === null ? html`<small>${t.unlimited}</small>` : figure(visit, daily_limit),
    },
  ];
}
