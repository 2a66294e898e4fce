import { vendorIdField } from '@b2b-charge/http/fields';
import { csvReply } from '@b2b-charge/http/transactions-csv';
import { z } from 'zod';
import type { Desk } from '../../desk.ts';
import { definePage, type PageRequest, type Visit } from '../../http/page.ts';
import type { Role } from '../../operators/operator.ts';
import { field, filterForm, select } from '../../parts/form.ts';
import { type Html, html } from '../../parts/html.ts';
import { pagination, table } from '../../parts/table.ts';
import {
  type TransactionFilters,
  transactionFilter,
  transactionFilters,
} from '../../parts/transaction-filters.ts';
import {
  statusChoices,
  transactionColumns,
  transactionTexts,
  typeChoices,
} from '../../parts/transactions.ts';
import { texts } from './texts.ts';

const ROWS = 25;

type Request = PageRequest<readonly Role[], unknown, TransactionFilters & { cursor?: string | undefined }>;

/** A vendor's transactions, with filters. */
export async function transactionList(
  request: Request,
  desk: Desk,
  vendorId: number,
): Promise<{ body: Html; tools: Html }> {
  const t = texts[request.locale];
  const { cursor, ...input } = request.input;
  const page = await desk.backoffice.ask('ledger.query.transactions', {
    ...transactionFilter(desk, input),
    vendor_id: vendorId,
    limit: ROWS,
    cursor,
  });
  const { at, type, amount, balance, phone, status } = transactionColumns(request);
  const body = html`${filters(request, vendorId)}
    ${table(request, {
      caption: t.caption,
      columns: [at, type, phone, status, amount, balance],
      rows: page.transactions,
      none: t.noTransactions,
    })}
    ${pagination(request, page.next_cursor)}`;
  const query = new URLSearchParams(
    Object.entries(input).flatMap(([name, value]): [string, string][] =>
      typeof value === 'string' && name !== 'span' ? [[name, value]] : [],
    ),
  );
  const tools = html`<a class="button" href="/admin/vendors/${vendorId}/transactions.csv?${query.toString()}">${t.csv}</a>`;
  return { body, tools };
}

function filters(visit: Visit & { input: TransactionFilters }, vendorId: number): Html {
  const t = texts[visit.locale];
  const names = transactionTexts[visit.locale];
  const { type, status, phone, key, from, to } = visit.input;
  return filterForm(
    visit,
    `/admin/vendors/${vendorId}/`,
    html`${select({ name: 'type', label: names.type, value: type, choices: typeChoices(visit) })}
    ${select({ name: 'status', label: names.status, value: status, choices: statusChoices(visit) })}
    ${field({ name: 'phone', label: names.phone, type: 'tel', value: phone, ltr: true })}
    ${field({ name: 'key', label: names.key, value: key, ltr: true })}
    ${field({ name: 'from', label: t.from, type: 'date', value: from })}
    ${field({ name: 'to', label: t.to, type: 'date', value: to })}`,
  );
}

/** The same transactions, all pages of them, for a spreadsheet. */
export const vendorTransactionsCsv = definePage({
  id: 'vendor-transactions-csv',
  path: '/admin/vendors/:id/transactions.csv',
  access: ['admin', 'approver', 'auditor'],
  params: z.object({ id: vendorIdField }),
  input: z.object(transactionFilters),
  handle: ({ params, input }, desk) =>
    csvReply(desk.backoffice, { ...transactionFilter(desk, input), vendor_id: params.id }),
});
