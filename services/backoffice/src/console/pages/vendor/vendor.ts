import type { VendorView } from '@b2b-charge/contracts';
import { Refusal } from '@b2b-charge/http/errors';
import { cursorQuery, vendorIdField } from '@b2b-charge/http/fields';
import { z } from 'zod';
import type { Backoffice } from '../../../backoffice.ts';
import { definePage, type Visit } from '../../http/page.ts';
import { show } from '../../http/reply.ts';
import { type Html, html } from '../../parts/html.ts';
import { transactionFilters } from '../../parts/transaction-filters.ts';
import { amount, section, stats } from '../../parts/values.ts';
import { vendorStatus } from '../vendors/vendors.ts';
import { balanceChart, SPANS } from './balance-chart.ts';
import { creditHistory } from './credit-history.ts';
import { lastVerification } from './last-verification.ts';
import { texts } from './texts.ts';
import { transactionList } from './transactions.ts';

/** Throws Refusal: NOT_FOUND. */
export async function findVendor(backoffice: Backoffice, vendorId: number): Promise<VendorView> {
  const vendor = await backoffice.ask('ledger.query.vendor', { vendor_id: vendorId });
  if (!vendor) throw new Refusal('NOT_FOUND');
  return vendor;
}

export const vendor = definePage({
  id: 'vendor',
  path: '/admin/vendors/:id/',
  access: ['admin', 'approver', 'auditor'],
  params: z.object({ id: vendorIdField }),
  input: z.object({
    ...transactionFilters,
    span: z.enum(SPANS).default('week'),
    cursor: cursorQuery.optional(),
  }),
  async handle(request, desk) {
    const { backoffice } = desk;
    const t = texts[request.locale];
    const found = await findVendor(backoffice, request.params.id);
    const [chart, transactions, credits, verification] = await Promise.all([
      balanceChart(request, backoffice, found, request.input.span),
      transactionList(request, desk, found.vendor_id),
      creditHistory(request, backoffice, found.vendor_id),
      lastVerification(request, backoffice, found.vendor_id),
    ]);
    const body = html`${head(request, found)}
      ${section(t.history, chart.body, chart.choice)}
      ${section(t.transactions, transactions.body, transactions.tools)}
      <div class="grid">${section(t.credits, credits)}${section(t.verification, verification)}</div>`;
    return show(found.name, body, { under: 'vendors', tools: tools(request, found) });
  },
});

function head(
  visit: Visit,
  { balance, charged_today, daily_limit, vendor_id, seq, opened_at, ...rest }: VendorView,
) {
  const t = texts[visit.locale];
  const { formats } = visit;
  return stats([
    { label: t.balance, value: amount(visit, balance) },
    {
      label: t.soldToday,
      value: amount(visit, charged_today),
      note: daily_limit === null ? t.noLimit : t.ofLimit(formats.amount(daily_limit)),
    },
    { label: t.transactions, value: formats.number(seq), note: t.opened(formats.day(opened_at)) },
    { label: t.state, value: vendorStatus(visit, rest), note: html`${t.number} <bdi>${vendor_id}</bdi>` },
  ]);
}

function tools(visit: Visit & { operator: { role: string } }, { vendor_id, status }: VendorView): Html {
  const t = texts[visit.locale];
  const link = (page: string, text: string, kind = '') =>
    html`<a class="button ${kind}" href="/admin/vendors/${vendor_id}/${page}/">${text}</a>`;
  const forAdmins = html`${link('tokens', t.tokens)} ${link('settings', t.settings)}
    ${status === 'active' ? link('suspend', t.suspend, 'danger') : link('activate', t.activate, 'primary')}`;
  return html`${link('verification', t.verify)} ${visit.operator.role === 'admin' ? forAdmins : null}`;
}
