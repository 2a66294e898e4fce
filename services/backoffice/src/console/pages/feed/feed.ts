import { TRANSACTION_TYPES, type TransactionView } from '@b2b-charge/contracts';
import { Refusal } from '@b2b-charge/http/errors';
import { transactionIdField, vendorIdField } from '@b2b-charge/http/fields';
import { raw } from '@b2b-charge/http/reply';
import { maskPhone } from '@b2b-charge/runtime';
import { z } from 'zod';
import type { Backoffice } from '../../../backoffice.ts';
import { assetUrl } from '../../assets.ts';
import { definePage, type Visit } from '../../http/page.ts';
import { show } from '../../http/reply.ts';
import { field, filterForm, select } from '../../parts/form.ts';
import { type Html, html } from '../../parts/html.ts';
import { transactionColumns, transactionTexts, typeChoices } from '../../parts/transactions.ts';
import { code } from '../../parts/values.ts';
import { texts } from './texts.ts';

const PATH = '/admin/feed/';
const ROWS = 30;
/** Without a script the page is read again so often. */
const REFRESH_S = 5;
const LOOKERS = ['admin', 'approver', 'auditor'] as const;
const filters = z.object({ vendor: vendorIdField.optional(), type: z.enum(TRANSACTION_TYPES).optional() });

export const feed = definePage({
  id: 'feed',
  path: PATH,
  access: LOOKERS,
  menu: { order: 45, text: { en: texts.en.title, fa: texts.fa.title } },
  input: filters,
  async handle(request, { backoffice }) {
    const t = texts[request.locale];
    const { vendor, type } = request.input;
    const { transactions } = await backoffice.ask('ledger.query.transactions', {
      vendor_id: vendor,
      type,
      limit: ROWS,
    });
    const query = new URLSearchParams({ ...(vendor && { vendor: String(vendor) }), ...(type && { type }) });
    const filter = html`${field({ name: 'vendor', label: t.vendorNumber, value: vendor, ltr: true, inputMode: 'numeric' })}
      ${select({ name: 'type', label: transactionTexts[request.locale].type, value: type, choices: typeChoices(request) })}`;
    const said = (name: 'pause' | 'resume' | 'live' | 'paused' | 'lost' | 'slow' | 'gap' | 'skipped') =>
      html` data-${name}="${t[name]}"`;
    const names = ['pause', 'resume', 'live', 'paused', 'lost', 'slow', 'gap', 'skipped'] as const;
    const body = html`${filterForm(request, PATH, filter)}
      <div id="feed" data-source="${PATH}events/?${query.toString()}" data-after="${transactions[0]?.transaction_id ?? ''}"${names.map(said)}>
        <p class="live"><output class="badge" hidden></output> <small class="note"></small></p>
        ${listOf(request, transactions)}
      </div>
      <script src="${assetUrl('feed.js')}" defer></script>`;
    const tools = html`<button type="button" id="feed-pause" hidden>${t.pause}</button>`;
    return show(t.title, body, { tools, refreshS: REFRESH_S });
  },
});

/** What comes, row by row, as server-sent events. */
export const feedEvents = definePage({
  id: 'feed-events',
  path: '/admin/feed/events/',
  access: LOOKERS,
  input: filters.extend({ after: transactionIdField.optional() }),
  async handle(request, { feed: live, backoffice }) {
    const { vendor, type, after } = request.input;
    const last = transactionIdField.safeParse(request.headers['last-event-id']);
    const afterId = last.data ?? after ?? null;
    // Before the books are asked: what comes meanwhile must not fall between the two.
    live.listen();
    const stream = live.look({
      filter: { vendorId: vendor, type },
      afterId,
      missed:
        afterId === null || live.keeps(afterId) ? [] : await missedSince(backoffice, request.input, afterId),
      row: (transaction) => String(rowOf(request, transaction)),
    });
    return raw(
      200,
      { 'content-type': 'text/event-stream; charset=utf-8', 'x-accel-buffering': 'no' },
      stream,
    );
  },
});

/** What the books have after a transaction, oldest first; null if that is more than a page, or they are away. */
async function missedSince(
  { ask }: Pick<Backoffice, 'ask'>,
  { vendor, type }: z.output<typeof filters>,
  afterId: string,
): Promise<TransactionView[] | null> {
  try {
    const { transactions } = await ask('ledger.query.transactions', { vendor_id: vendor, type, limit: ROWS });
    const place = transactions.findIndex(({ transaction_id }) => transaction_id === afterId);
    return place < 0 ? null : transactions.slice(0, place).toReversed();
  } catch (error) {
    if (error instanceof Refusal) return null;
    throw error;
  }
}

function columnsOf(visit: Visit) {
  const { at, vendor, type, phone, amount, balance, status } = transactionColumns(visit);
  const masked = {
    ...phone,
    cell: ({ phone_number }: TransactionView) =>
      phone_number === null ? null : code(maskPhone(phone_number)),
  };
  return [at, vendor, type, masked, amount, balance, status];
}

const rowOf = (visit: Visit, transaction: TransactionView): Html =>
  html`<tr>${columnsOf(visit).map(
    ({ numeric, cell }) => html`<td class="${numeric ? 'numeric' : ''}">${cell(transaction)}</td>`,
  )}</tr>`;

/** A table also when there is nothing yet: rows come into it. */
function listOf(visit: Visit, transactions: readonly TransactionView[]): Html {
  const t = texts[visit.locale];
  return html`<div class="table" role="region" aria-label="${t.caption}" tabindex="0"><table>
    <caption>${t.caption}</caption>
    <thead><tr>${columnsOf(visit).map(({ head, numeric }) => html`<th scope="col" class="${numeric ? 'numeric' : ''}">${head}</th>`)}</tr></thead>
    <tbody>${transactions.map((transaction) => rowOf(visit, transaction))}</tbody>
  </table></div>`;
}
