import type { Visit } from '../http/page.ts';
import { type Content, type Html, html, raw } from './html.ts';
import { texts } from './texts.ts';
import { empty } from './values.ts';

export interface Column<R> {
  readonly head: string;
  /** Amounts and counts stand at the end, digit under digit. */
  readonly numeric?: boolean;
  /** The column that names the row, for screen readers. */
  readonly names?: boolean;
  cell(row: R): Content;
}

/** A table with its caption for screen readers; too wide a one scrolls by itself, never the page. */
export function table<R>(
  visit: Visit,
  {
    caption,
    columns,
    rows,
    none,
  }: { caption: string; columns: readonly Column<R>[]; rows: readonly R[]; none?: Content },
): Html {
  if (rows.length === 0) return empty(none ?? texts[visit.locale].empty);
  const kind = ({ numeric }: Column<R>) => (numeric ? raw(' class="numeric"') : null);
  const cell = (column: Column<R>, row: R) =>
    column.names
      ? html`<th scope="row"${kind(column)}>${column.cell(row)}</th>`
      : html`<td${kind(column)}>${column.cell(row)}</td>`;
  return html`<div class="table" role="region" aria-label="${caption}" tabindex="0"><table>
    <caption>${caption}</caption>
    <thead><tr>${columns.map((column) => html`<th scope="col"${kind(column)}>${column.head}</th>`)}</tr></thead>
    <tbody>${rows.map((row) => html`<tr>${columns.map((column) => cell(column, row))}</tr>`)}</tbody>
  </table></div>`;
}

/** Links to the newest page and to the one after this, if there are such. */
export function pagination(visit: Visit, nextCursor: string | null): Html | null {
  const t = texts[visit.locale];
  const [path, query] = visit.path.split('?');
  const parameters = new URLSearchParams(query);
  const isFirst = !parameters.has('cursor');
  if (isFirst && nextCursor === null) return null;
  const link = (cursor: string | null) => {
    if (cursor === null) parameters.delete('cursor');
    else parameters.set('cursor', cursor);
    const text = parameters.toString();
    return text === '' ? path! : `${path}?${text}`;
  };
  return html`<nav class="pages" aria-label="${t.pages}">
    ${isFirst ? null : html`<a class="button" href="${link(null)}">${t.first}</a>`}
    ${nextCursor === null ? null : html`<a class="button" href="${link(nextCursor)}" rel="next">${t.next}</a>`}
  </nav>`;
}
