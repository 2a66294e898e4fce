import type { VendorView } from '@b2b-charge/contracts';
import type { Backoffice } from '../../../backoffice.ts';
import type { Visit } from '../../http/page.ts';
import { stepChart } from '../../parts/chart.ts';
import { type Html, html, raw } from '../../parts/html.ts';
import { transactionTexts } from '../../parts/transactions.ts';
import { empty } from '../../parts/values.ts';
import { texts } from './texts.ts';

export const SPANS = ['day', 'week', 'month'] as const;
type Span = (typeof SPANS)[number];

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
const LENGTH_MS: Record<Span, number> = { day: DAY_MS, week: 7 * DAY_MS, month: 30 * DAY_MS };
const POINTS = 120;

/** The vendor's balance up to now, and links to other spans of time. */
export async function balanceChart(
  visit: Visit,
  backoffice: Backoffice,
  { vendor_id, opened_at }: VendorView,
  span: Span,
): Promise<{ body: Html; choice: Html }> {
  const t = texts[visit.locale];
  const { formats } = visit;
  const now = backoffice.now();
  // A young vendor's whole life, rather than a corner of it.
  const fromMs = Math.max(now - LENGTH_MS[span], Math.min(Date.parse(opened_at), now - MINUTE_MS));
  const { points } = await backoffice.ask('ledger.query.balance-history', {
    vendor_id,
    from: new Date(fromMs).toISOString(),
    to: new Date(now).toISOString(),
    points: POINTS,
  });
  const choice = html`${SPANS.map(
    (one) =>
      html`<a class="button quiet" href="/admin/vendors/${vendor_id}/?span=${one}"${one === span ? raw(' aria-current="true"') : null}>${t[one]}</a>`,
  )}`;
  if (points.length < 2) return { body: empty(t.noHistory), choice };
  const values = points.map(({ balance }) => Number(balance));
  const [low, high] = [Math.min(...values), Math.max(...values)].map((value) =>
    formats.amount(value.toFixed(2)),
  );
  const body = stepChart(visit, {
    title: t.history,
    summary: t.historySummary(low!, `${high!} ${formats.currency}`),
    labelHead: transactionTexts[visit.locale].at,
    valueHead: t.amount(formats.currency),
    points: points.map(({ at, balance }, index) => ({
      atMs: Date.parse(at),
      value: values[index]!,
      label: now - fromMs <= DAY_MS ? formats.clock(at) : formats.day(at),
      text: formats.amount(balance),
    })),
  });
  return { body, choice };
}
