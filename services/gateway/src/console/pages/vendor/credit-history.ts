import type { CreditRequest } from '@b2b-charge/contracts';
import type { Gateway } from '../../../gateway.ts';
import type { Visit } from '../../http/page.ts';
import { type Html, html } from '../../parts/html.ts';
import { table } from '../../parts/table.ts';
import { badge, figure, type Tone, time } from '../../parts/values.ts';
import { texts } from './texts.ts';

const ROWS = 10;
const TONES: Record<CreditRequest['status'], Tone> = {
  pending: 'warn',
  approved: 'warn',
  posted: 'good',
  rejected: 'bad',
  cancelled: 'plain',
};

/** The newest credit requests of a vendor. */
export async function creditHistory(visit: Visit, gateway: Gateway, vendorId: number): Promise<Html> {
  const t = texts[visit.locale];
  const { requests } = await gateway.ask('credits.list', { vendor_id: vendorId, limit: ROWS });
  return table<CreditRequest>(visit, {
    caption: t.creditsCaption,
    none: t.noCredits,
    rows: requests,
    columns: [
      { head: t.requestedAt, names: true, cell: (row) => time(visit, row.created_at) },
      { head: t.amount(visit.formats.currency), numeric: true, cell: (row) => figure(visit, row.amount) },
      { head: t.state, cell: (row) => badge(TONES[row.status], t[row.status]) },
      { head: t.decidedBy, cell: (row) => html`<bdi>${row.decided_by}</bdi>` },
      { head: t.reason, cell: (row) => html`<bdi>${row.reason}</bdi>` },
    ],
  });
}
