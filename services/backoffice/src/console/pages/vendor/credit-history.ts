import type { CreditRequest } from '@b2b-charge/contracts';
import type { Backoffice } from '../../../backoffice.ts';
import type { Visit } from '../../http/page.ts';
import { CREDIT_TONES } from '../../parts/credit-tones.ts';
import { type Html, html } from '../../parts/html.ts';
import { table } from '../../parts/table.ts';
import { badge, figure, time } from '../../parts/values.ts';
import { texts } from './texts.ts';

const ROWS = 10;

/** The newest credit requests of a vendor. */
export async function creditHistory(visit: Visit, backoffice: Backoffice, vendorId: number): Promise<Html> {
  const t = texts[visit.locale];
  const { requests } = await backoffice.ask('credits.list', { vendor_id: vendorId, limit: ROWS });
  return table<CreditRequest>(visit, {
    caption: t.creditsCaption,
    none: t.noCredits,
    rows: requests,
    columns: [
      { head: t.requestedAt, names: true, cell: (row) => time(visit, row.created_at) },
      { head: t.amount(visit.formats.currency), numeric: true, cell: (row) => figure(visit, row.amount) },
      { head: t.state, cell: (row) => badge(CREDIT_TONES[row.status], t[row.status]) },
      { head: t.decidedBy, cell: (row) => html`<bdi>${row.decided_by}</bdi>` },
      { head: t.reason, cell: (row) => html`<bdi>${row.reason}</bdi>` },
    ],
  });
}
