import type { WEBHOOK_DELIVERY_STATES, Webhook, WebhookDelivery } from '@b2b-charge/contracts';
import { cursorQuery, vendorIdField } from '@b2b-charge/http/fields';
import { z } from 'zod';
import { definePage, type Visit } from '../../http/page.ts';
import { show } from '../../http/reply.ts';
import { field, filterForm, select } from '../../parts/form.ts';
import { type Html, html } from '../../parts/html.ts';
import { type Column, pagination, table } from '../../parts/table.ts';
import { badge, code, section, type Tone, time } from '../../parts/values.ts';
import { type VendorNames, vendorLink, vendorNames } from '../../parts/vendor-names.ts';
import { texts } from './texts.ts';

export const PATH = '/admin/webhooks/';
const ROWS = 50;
const CHOICES = ['dead', 'pending', 'delivered', 'all'] as const;
const TONES: Record<(typeof WEBHOOK_DELIVERY_STATES)[number], Tone> = {
  pending: 'plain',
  delivered: 'good',
  dead: 'bad',
};

/** What was given up, first of all; and a vendor's endpoints. */
export const webhooks = definePage({
  id: 'webhooks',
  path: PATH,
  access: ['admin', 'approver', 'auditor'],
  menu: { order: 65, text: { en: texts.en.title, fa: texts.fa.title } },
  input: z.object({
    vendor: vendorIdField.optional(),
    state: z.enum(CHOICES).default('dead'),
    cursor: cursorQuery.optional(),
  }),
  async handle(request, { backoffice }) {
    const t = texts[request.locale];
    const { vendor, state, cursor } = request.input;
    const page = await backoffice.ask('webhooks.deliveries', {
      vendor_id: vendor,
      state: state === 'all' ? null : state,
      cursor,
      limit: ROWS,
    });
    const own = vendor === undefined ? null : await backoffice.ask('webhooks.list', { vendor_id: vendor });
    const names = await vendorNames(
      backoffice,
      page.deliveries.map(({ vendor_id }) => vendor_id),
    );
    const replays = request.operator.role === 'admin' && state === 'dead' && page.deliveries.length > 0;
    const list = table(request, {
      caption: t.caption,
      none: state === 'dead' ? t.noneDead : t.none,
      rows: page.deliveries,
      columns: deliveryColumns(request, names, replays),
    });
    const filter = html`${field({ name: 'vendor', label: t.vendorNumber, value: vendor, ltr: true, inputMode: 'numeric' })}
      ${select({ name: 'state', label: t.state, value: state, choices: CHOICES.map((one) => [one, t[one]]) })}`;
    const body = html`${filterForm(request, PATH, filter)}
      ${own ? section(t.endpoints, endpoints(request, own.webhooks)) : null}
      ${section(t.deliveries, replays ? replayForm(request, list) : list)}
      ${pagination(request, page.next_cursor)}`;
    return show(t.title, body);
  },
});

function endpoints(visit: Visit, rows: readonly Webhook[]): Html {
  const t = texts[visit.locale];
  const { number } = visit.formats;
  return table<Webhook>(visit, {
    caption: t.endpointsCaption,
    none: t.noEndpoints,
    rows,
    columns: [
      { head: t.number, numeric: true, cell: ({ id }) => html`<bdi>${id}</bdi>` },
      { head: t.url, names: true, cell: ({ url }) => code(url) },
      { head: t.events, cell: ({ event_types }) => event_types.map((one) => html`${code(one)} `) },
      {
        head: t.state,
        cell: ({ enabled, disabled_reason }) =>
          enabled ? badge('good', t.enabled) : badge('bad', t[disabled_reason ?? 'by-hand']),
      },
      { head: t.waiting, numeric: true, cell: ({ pending }) => number(pending) },
      { head: t.failures, numeric: true, cell: ({ failures }) => number(failures) },
      { head: t.lastSuccess, cell: ({ last_success_at: at }) => (at === null ? null : time(visit, at)) },
      { head: t.lastError, cell: ({ last_error }) => html`<bdi lang="en">${last_error}</bdi>` },
    ],
  });
}

function deliveryColumns(visit: Visit, names: VendorNames, boxes: boolean): Column<WebhookDelivery>[] {
  const t = texts[visit.locale];
  const box: Column<WebhookDelivery> = {
    head: t.select,
    cell: ({ id }) =>
      html`<input type="checkbox" name="id" value="${id}" aria-label="${t.selectOne(String(id))}">`,
  };
  return [
    ...(boxes ? [box] : []),
    { head: t.number, names: true, cell: ({ id }) => html`<bdi>${id}</bdi>` },
    { head: t.vendor, cell: ({ vendor_id }) => vendorLink(names, vendor_id) },
    {
      head: t.endpoint,
      cell: ({ vendor_id, webhook_id }) => html`<a href="${PATH}?vendor=${vendor_id}">${webhook_id}</a>`,
    },
    { head: t.event, cell: (row) => eventOf(row) },
    { head: t.state, cell: ({ state }) => badge(TONES[state], t[state]) },
    { head: t.attempts, numeric: true, cell: ({ attempts }) => visit.formats.number(attempts) },
    {
      head: t.answer,
      cell: ({ last_status, last_error }) => html`${last_status} <bdi lang="en">${last_error}</bdi>`,
    },
    { head: t.made, cell: ({ created_at }) => time(visit, created_at) },
  ];
}

/** A test has no transaction. */
const eventOf = ({ type, event_id }: WebhookDelivery): Html =>
  type === 'test' ? code(type) : html`<a href="/admin/transactions/${event_id}/">${code(type)}</a>`;

function replayForm(visit: Visit, list: Html): Html {
  return html`<form class="queue" method="get" action="${PATH}replay/">${list}
    <div class="actions"><button class="primary">${texts[visit.locale].replaySelected}</button></div></form>`;
}
