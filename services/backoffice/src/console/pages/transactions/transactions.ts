import { cursorQuery, transactionIdField, vendorIdField } from '@b2b-charge/http/fields';
import { csvReply } from '@b2b-charge/http/transactions-csv';
import { z } from 'zod';
import type { Desk } from '../../desk.ts';
import { definePage, type Problem, type Visit } from '../../http/page.ts';
import { redirect, show } from '../../http/reply.ts';
import { field, filterForm, select } from '../../parts/form.ts';
import { type Html, html } from '../../parts/html.ts';
import { pagination, table } from '../../parts/table.ts';
import { transactionFilter, transactionFilters } from '../../parts/transaction-filters.ts';
import {
  statusChoices,
  transactionColumns,
  transactionTexts,
  typeChoices,
} from '../../parts/transactions.ts';
import { vendorLink, vendorNames } from '../../parts/vendor-names.ts';
import { texts } from './texts.ts';

const PATH = '/admin/transactions/';
const ROWS = 50;
/** How far back all vendors' transactions are searched, unless a date is given: beyond, a rare one is found slowly. */
const RECENT_DAYS = 30;
const DAY_MS = 86_400_000;
const LOOKERS = ['admin', 'approver', 'auditor'] as const;

const filters = z.object({ ...transactionFilters, vendor: vendorIdField.optional() });
type Filters = z.output<typeof filters>;

/** All vendors' transactions, or one's: by id, key, phone number, kind and time. */
export const transactions = definePage({
  id: 'transactions',
  path: PATH,
  access: LOOKERS,
  menu: { order: 40, text: { en: texts.en.title, fa: texts.fa.title } },
  input: filters.extend({ id: transactionIdField.optional(), cursor: cursorQuery.optional() }),
  async handle(request, desk) {
    const { id, cursor, ...input } = request.input;
    if (id !== undefined) return redirect(`${PATH}${id.toLowerCase()}/`);
    const t = texts[request.locale];
    const problem = problemOf(request, desk, input);
    if (problem) return show(t.title, filterBox(request, input, problem), { status: 422 });
    const page = await desk.backoffice.ask('ledger.query.transactions', {
      ...asked(desk, input),
      limit: ROWS,
      cursor,
    });
    const names = await vendorNames(
      desk.backoffice,
      page.transactions.map(({ vendor_id }) => vendor_id),
    );
    const columns = transactionColumns(request);
    const vendor = {
      ...columns.vendor,
      cell: ({ vendor_id }: { vendor_id: number }) => vendorLink(names, vendor_id),
    };
    const { at, type, phone, amount, balance, status, key } = columns;
    const body = html`
      ${filterBox(request, input)}
      ${isRecent(input) ? html`<p class="muted">${t.recent(request.formats.number(RECENT_DAYS))}</p>` : null}
      ${table(request, {
        caption: t.caption,
        none: t.none,
        rows: page.transactions,
        columns: [at, vendor, type, phone, amount, balance, status, key],
      })}
      ${pagination(request, page.next_cursor)}`;
    const query = new URLSearchParams(
      Object.entries(input).flatMap(([name, value]): [string, string][] =>
        value === undefined ? [] : [[name, String(value)]],
      ),
    );
    const tools = html`<a class="button" href="/admin/transactions.csv?${query.toString()}">CSV</a>`;
    return show(t.title, body, { tools });
  },
});

/** The same, all pages of them, for a spreadsheet. */
export const transactionsCsv = definePage({
  id: 'transactions-csv',
  path: '/admin/transactions.csv',
  access: LOOKERS,
  input: filters,
  handle: ({ input }, desk) => csvReply(desk.backoffice, asked(desk, input)),
});

/** What is rare among all vendors is looked for in recent days only. */
const isRecent = ({ vendor, from, type, status, phone, reference, principal }: Filters): boolean =>
  vendor === undefined &&
  from === undefined &&
  (type ?? status ?? phone ?? reference ?? principal) !== undefined;

function asked(desk: Desk, { vendor, ...input }: Filters) {
  const filter = { ...transactionFilter(desk, input), vendor_id: vendor };
  const since = new Date(desk.backoffice.now() - RECENT_DAYS * DAY_MS).toISOString();
  return isRecent({ vendor, ...input }) ? { ...filter, from: since } : filter;
}

function problemOf({ locale }: Visit, desk: Desk, { key, vendor, phone }: Filters): Problem | null {
  const t = texts[locale];
  if (key !== undefined && vendor === undefined)
    return { message: t.keyNeedsVendor, fields: new Map([['vendor', t.keyNeedsVendor]]) };
  if (phone !== undefined && !isPhone(desk, phone))
    return { message: t.noPhone, fields: new Map([['phone', t.noPhone]]) };
  return null;
}

function isPhone(desk: Desk, phone: string): boolean {
  try {
    return transactionFilter(desk, { phone }).phone_number !== undefined;
  } catch {
    return false;
  }
}

function filterBox(visit: Visit, input: Filters, problem?: Problem): Html {
  const t = texts[visit.locale];
  const names = transactionTexts[visit.locale];
  const { type, status, phone, key, reference, principal, from, to, vendor } = input;
  return filterForm(
    visit,
    PATH,
    html`${field({ name: 'id', label: names.id, ltr: true })}
      ${field({ name: 'vendor', label: t.vendorNumber, value: vendor, ltr: true, inputMode: 'numeric', problem })}
      ${field({ name: 'key', label: names.key, value: key, ltr: true })}
      ${field({ name: 'reference', label: t.reference, value: reference })}
      ${field({ name: 'principal', label: t.principal, value: principal, ltr: true })}
      ${field({ name: 'phone', label: names.phone, type: 'tel', value: phone, ltr: true, problem })}
      ${select({ name: 'type', label: names.type, value: type, choices: typeChoices(visit) })}
      ${select({ name: 'status', label: names.status, value: status, choices: statusChoices(visit) })}
      ${field({ name: 'from', label: t.from, type: 'date', value: from })}
      ${field({ name: 'to', label: t.to, type: 'date', value: to })}`,
  );
}
