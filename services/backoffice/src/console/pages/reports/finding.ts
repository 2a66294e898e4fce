import type { ChainLink, Finding } from '@b2b-charge/contracts';
import { Refusal } from '@b2b-charge/http/errors';
import { rowIdField } from '@b2b-charge/http/fields';
import { z } from 'zod';
import type { Backoffice } from '../../../backoffice.ts';
import { definePage } from '../../http/page.ts';
import { show } from '../../http/reply.ts';
import { chainTable } from '../../parts/chain-table.ts';
import { type Content, html } from '../../parts/html.ts';
import { table } from '../../parts/table.ts';
import { amount, code, facts, section } from '../../parts/values.ts';
import { vendorLink, vendorNames } from '../../parts/vendor-names.ts';
import { findingColumns, findingLevel, findReport, PATH } from './show-run.ts';
import { texts } from './texts.ts';

const AROUND = 4;
const OTHERS = 50;

/** One finding: what was expected, what is there, and the books around it as they stand now. */
export const finding = definePage({
  id: 'report-finding',
  path: '/admin/reports/:id/finding/',
  access: ['admin', 'approver', 'auditor'],
  params: z.object({ id: rowIdField }),
  input: z.object({ number: rowIdField.default(1) }),
  async handle(request, { backoffice }) {
    const t = texts[request.locale];
    const { number } = request.formats;
    const { run, findings } = await findReport(backoffice, request.params.id);
    const found = findings.find((one) => one.number === request.input.number);
    if (!found) throw new Refusal('NOT_FOUND');
    const others = findings
      .filter((one) => one !== found && one.vendor_id !== null && one.vendor_id === found.vendor_id)
      .slice(0, OTHERS);
    const names = await vendorNames(backoffice, found.vendor_id === null ? [] : [found.vendor_id]);
    const { vendor, links } = await booksAround(backoffice, found);
    const rows: (readonly [string, Content] | null)[] = [
      [t.level, findingLevel(request, found)],
      [t.check, code(found.check)],
      found.vendor_id === null ? null : [t.vendor, vendorLink(names, found.vendor_id)],
      vendor && [t.now, amount(request, vendor.balance)],
      found.seq === null ? null : [t.place, number(found.seq)],
      found.transaction_id === null
        ? null
        : [
            t.transaction,
            html`<a href="/admin/transactions/${found.transaction_id}/">${code(found.transaction_id)}</a>`,
          ],
    ];
    const body = html`
      <div class="card">
        <p class="lead" lang="en"><bdi>${found.message}</bdi></p>
        <dl class="versus"><div><dt>${t.expected}</dt><dd>${code(found.expected)}</dd></div>
          <div class="actual"><dt>${t.found}</dt><dd>${code(found.found)}</dd></div></dl>
        ${facts(rows.filter((row) => row !== null))}
        <p class="advice"><strong>${t.advice}:</strong> <bdi lang="en">${found.advice}</bdi></p>
      </div>
      ${links.length > 0 ? section(t.around, chainTable(request, { caption: t.aroundCaption, links, current: found.seq ?? 0 })) : null}
      ${others.length > 0 ? section(t.others, table(request, { caption: t.others, rows: others, columns: findingColumns(request, run, names) })) : null}`;
    return show(t.oneFinding(number(found.number), number(run.run_id)), body, {
      under: 'reports',
      tools: html`<a class="button" href="${PATH}${run.run_id}/">${t.back}</a>`,
    });
  },
});

/** Around the place that the finding names, or else the newest of its vendor. */
async function booksAround({ ask }: Pick<Backoffice, 'ask'>, { vendor_id, seq }: Finding) {
  if (vendor_id === null) return { vendor: null, links: [] as ChainLink[] };
  const vendor = await ask('ledger.query.vendor', { vendor_id });
  const place = seq ?? vendor?.seq;
  if (!place) return { vendor, links: [] as ChainLink[] };
  return { vendor, ...(await ask('ledger.query.chain', { vendor_id, seq: place, around: AROUND })) };
}
