import { type CallResponse, formatMoney, minorOf } from '@b2b-charge/contracts';
import type { Desk } from '../../desk.ts';
import type { Visit } from '../../http/page.ts';
import { type Html, html } from '../../parts/html.ts';
import { RUN_TONES } from '../../parts/run-tones.ts';
import { amount, badge, stats } from '../../parts/values.ts';
import type { HourOfSales } from './sales-today.ts';
import { texts } from './texts.ts';

interface Known {
  readonly hours: readonly HourOfSales[];
  /** Undefined: the service does not answer. */
  readonly pending: CallResponse<'credits.list'> | undefined;
  readonly report: CallResponse<'audit.report'> | undefined;
  readonly lanes: CallResponse<'ledger.query.lanes'> | undefined;
  readonly isAway: boolean;
}

/** Exact to the last Rial: sums are made of minor units. */
const sum = (decimals: readonly string[]): string =>
  formatMoney(decimals.reduce((total, decimal) => total + minorOf(decimal), 0n));

/** The day in five figures. */
export function figures(visit: Visit, desk: Desk, known: Known): Html {
  const t = texts[visit.locale];
  return stats([
    known.isAway ? { label: t.sold, value: t.away } : sold(visit, known),
    ...(known.isAway ? [] : [refused(visit, known)]),
    waiting(visit, desk, known),
    credit(visit, known),
    audit(visit, known),
  ]);
}

function sold(visit: Visit, { hours }: Known) {
  const t = texts[visit.locale];
  const { formats } = visit;
  const reversed = sum(hours.map((hour) => hour.reversed));
  const count = hours.reduce((total, hour) => total + hour.count, 0);
  const back = reversed === '0.00' ? '' : ` · ${t.givenBack(formats.amount(reversed))}`;
  return {
    label: t.sold,
    value: amount(visit, sum(hours.map((hour) => hour.charged))),
    note: `${t.sales(formats.number(count))}${back}`,
  };
}

function refused(visit: Visit, { hours }: Known) {
  const t = texts[visit.locale];
  const { formats } = visit;
  const rejected = hours.reduce((total, hour) => total + hour.rejected, 0);
  const all = rejected + hours.reduce((total, hour) => total + hour.count, 0);
  return {
    label: t.failures,
    value: formats.percent(all === 0 ? 0 : rejected / all),
    note: t.ofAll(formats.number(rejected), formats.number(all)),
  };
}

function waiting(visit: Visit, { backoffice }: Desk, { lanes }: Known) {
  const t = texts[visit.locale];
  const { formats } = visit;
  const lagMs = backoffice.laneLagMs();
  const value = lagMs < 10_000 ? t.ms(formats.number(lagMs)) : t.seconds(formats.number(lagMs / 1_000));
  if (!lanes) return { label: t.lag, value, note: t.away };
  const served = lanes.lanes.filter(({ owner, lease_ms }) => owner !== null && lease_ms > 0).length;
  const note = t.lanes(formats.number(served), formats.number(lanes.lanes.length));
  return { label: t.lag, value, note: served < lanes.lanes.length ? badge('bad', note) : note };
}

function credit(visit: Visit, { pending }: Known) {
  const t = texts[visit.locale];
  const { formats } = visit;
  if (!pending) return { label: t.pending, value: t.away };
  const { requests, next_cursor } = pending;
  const more = next_cursor === null ? '' : '+';
  const total = sum(requests.map((request) => request.amount));
  return {
    label: t.pending,
    value: html`<a href="/admin/credits/">${formats.number(requests.length)}${more}</a>`,
    note: t.pendingSum(`${formats.amount(total)}${more} ${formats.currency}`),
  };
}

function audit(visit: Visit, { report }: Known) {
  const t = texts[visit.locale];
  const { formats } = visit;
  if (!report) return { label: t.audit, value: report === null ? t.noAudit : t.noAuditor };
  const { run } = report;
  return {
    label: t.audit,
    value: badge(RUN_TONES[run.status], t[run.status]),
    note: html`${formats.time(run.finished_at ?? run.started_at)} · ${t.findings(formats.number(run.findings))}`,
  };
}
