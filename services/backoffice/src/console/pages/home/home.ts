import type { CallName, CallRequest, CallResponse } from '@b2b-charge/contracts';
import type { Desk } from '../../desk.ts';
import { orAway } from '../../http/or-away.ts';
import { definePage, type Visit } from '../../http/page.ts';
import { show } from '../../http/reply.ts';
import { barList, columnChart } from '../../parts/chart.ts';
import { type Html, html } from '../../parts/html.ts';
import { empty, section } from '../../parts/values.ts';
import { figures } from './figures.ts';
import { pendingCredits } from './pending-credits.ts';
import type { HourOfSales } from './sales-today.ts';
import { texts } from './texts.ts';

const BEST = 10;
const MAX_PENDING = 100;

export const home = definePage({
  id: 'home',
  path: '/admin/',
  access: ['admin', 'approver', 'auditor'],
  menu: { order: 10, text: { en: texts.en.title, fa: texts.fa.title } },
  async handle(request, desk) {
    const t = texts[request.locale];
    const [sales, best, pending, report, lanes] = await Promise.all([
      orAway(desk.salesToday.read()),
      orAway(desk.backoffice.ask('ledger.query.top-vendors', { limit: BEST })),
      ask(desk, 'credits.list', { status: 'pending', limit: MAX_PENDING, oldest_first: true }),
      ask(desk, 'audit.report', { format: 'json' }),
      ask(desk, 'ledger.query.lanes', {}),
    ]);
    const hours = sales?.hours ?? [];
    const body = html`${figures(request, desk, { hours, pending, report, lanes, isAway: !sales })}
      ${section(t.byHour, salesChart(request, hours))}
      <div class="grid">${section(t.best, bestSellers(request, best))}
      ${section(t.credits, await pendingCredits(request, desk.backoffice, pending))}</div>`;
    return show(t.title, body);
  },
});

const ask = <N extends CallName>(
  { backoffice }: Desk,
  name: N,
  request: CallRequest<N>,
): Promise<CallResponse<N> | undefined> => orAway(backoffice.ask(name, request));

function salesChart(visit: Visit, hours: readonly HourOfSales[]): Html {
  const t = texts[visit.locale];
  const { formats } = visit;
  const total = hours.reduce((sum, { charged }) => sum + Number(charged), 0);
  if (total === 0) return empty(t.none, t.noneMore);
  return columnChart(visit, {
    title: t.byHour,
    summary: t.byHourSummary(
      `${formats.amount(total.toFixed(2))} ${formats.currency}`,
      formats.day(hours[0]!.from),
    ),
    labelHead: t.hour,
    valueHead: t.amount(formats.currency),
    bars: wholeDay(hours).map(({ from, charged }) => ({
      label: formats.clock(from),
      value: Number(charged),
      text: formats.amount(charged),
    })),
  });
}

const HOUR_MS = 3_600_000;
const DAY_HOURS = 24;

/** With the hours to come, so that the day always looks like a day. */
const wholeDay = (hours: readonly HourOfSales[]): Pick<HourOfSales, 'from' | 'charged'>[] =>
  Array.from({ length: Math.max(DAY_HOURS, hours.length) }, (_, index) => {
    const from = new Date(Date.parse(hours[0]!.from) + index * HOUR_MS).toISOString();
    return hours[index] ?? { from, charged: '0.00' };
  });

function bestSellers(visit: Visit, best: CallResponse<'ledger.query.top-vendors'> | undefined): Html {
  const t = texts[visit.locale];
  if (!best) return empty(t.away);
  if (best.vendors.length === 0) return empty(t.none);
  const bars = best.vendors.map(({ vendor_id, name, charged_today }) => ({
    label: name,
    href: `/admin/vendors/${vendor_id}/`,
    value: Number(charged_today),
    text: visit.formats.amount(charged_today),
  }));
  return html`${barList(bars)}<p class="muted">${t.bestOf(visit.formats.number(best.selling))}</p>`;
}
