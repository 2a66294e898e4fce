import type { CallResponse, CreditRequest } from '@b2b-charge/contracts';
import type { Backoffice } from '../../../backoffice.ts';
import type { Visit } from '../../http/page.ts';
import { type Html, html } from '../../parts/html.ts';
import { table } from '../../parts/table.ts';
import { empty, figure } from '../../parts/values.ts';
import { vendorLink, vendorNames } from '../../parts/vendor-names.ts';
import { texts } from './texts.ts';

const SHOWN = 6;

/** The credit requests that have waited longest for somebody. */
export async function pendingCredits(
  visit: Visit,
  backoffice: Backoffice,
  pending: CallResponse<'credits.list'> | undefined,
): Promise<Html> {
  const t = texts[visit.locale];
  if (!pending) return empty(t.away);
  const rows = pending.requests.slice(0, SHOWN);
  const names = await vendorNames(
    backoffice,
    rows.map(({ vendor_id }) => vendor_id),
  );
  return table<CreditRequest>(visit, {
    caption: t.creditsCaption,
    none: t.noPending,
    rows,
    columns: [
      { head: t.vendor, names: true, cell: ({ vendor_id }) => vendorLink(names, vendor_id) },
      {
        head: t.asked,
        cell: ({ id, created_at }) =>
          html`<a href="/admin/credits/${id}/">${visit.formats.ago(created_at, backoffice.now())}</a>`,
      },
      {
        head: t.asks(visit.formats.currency),
        numeric: true,
        cell: ({ amount }) => figure(visit, amount),
      },
    ],
  });
}
