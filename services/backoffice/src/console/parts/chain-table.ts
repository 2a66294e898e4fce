import type { ChainLink, TransactionView } from '@b2b-charge/contracts';
import type { Visit } from '../http/page.ts';
import { defineTexts } from '../texts.ts';
import { type Html, html } from './html.ts';
import { type Column, table } from './table.ts';
import { transactionColumns } from './transactions.ts';
import { badge, code } from './values.ts';

const texts = defineTexts({
  en: { seq: 'No.', hash: 'Hash', current: 'this one' },
  fa: { seq: 'شماره', hash: 'چکیده', current: 'همین' },
});

/** Links of a vendor's chain in their order, one of them marked. */
export function chainTable(
  visit: Visit,
  { caption, links, current }: { caption: string; links: readonly ChainLink[]; current: number },
): Html {
  const t = texts[visit.locale];
  const { at, type, amount, balance, status } = transactionColumns(visit);
  const of = (column: Column<TransactionView>): Column<ChainLink> => ({
    ...column,
    cell: (link: ChainLink) => column.cell(link.transaction),
  });
  return table<ChainLink>(visit, {
    caption,
    rows: links,
    columns: [
      {
        head: t.seq,
        cell: ({ transaction: { seq } }) =>
          html`<bdi>${visit.formats.number(seq)}</bdi>${seq === current ? html` ${badge('plain', t.current)}` : null}`,
      },
      of(at),
      of(type),
      of(amount),
      of(balance),
      of(status),
      { head: t.hash, cell: ({ hash }) => code(`${hash.slice(0, 12)}…`) },
    ],
  });
}
