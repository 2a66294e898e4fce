import { textField } from '@b2b-charge/http/fields';
import { z } from 'zod';
import { definePage } from '../../http/page.ts';
import { show } from '../../http/reply.ts';
import { type ActView, listActs } from '../../operators/acts.ts';
import { field, filterForm } from '../../parts/form.ts';
import { type Html, html } from '../../parts/html.ts';
import { pagination, table } from '../../parts/table.ts';
import { badge, code, type Tone, time } from '../../parts/values.ts';
import { texts } from './texts.ts';

const ROWS = 50;
const TONES: Record<ActView['outcome'], Tone> = {
  asked: 'warn',
  done: 'good',
  refused: 'warn',
  failed: 'bad',
};

export const trail = definePage({
  id: 'trail',
  path: '/admin/trail/',
  access: ['admin', 'auditor'],
  menu: { order: 90, text: { en: texts.en.title, fa: texts.fa.title } },
  input: z.object({
    operator: textField(40).optional(),
    act: textField(40).optional(),
    target: textField(200).optional(),
    cursor: z
      .string()
      .regex(/^\d{1,18}$/)
      .optional(),
  }),
  async handle(request, { backoffice }) {
    const t = texts[request.locale];
    const { operator, act, target, cursor } = request.input;
    const acts = await listActs(backoffice.db, { operator, act, target, before: cursor, limit: ROWS + 1 });
    const rows = acts.slice(0, ROWS);
    const filter = filterForm(
      request,
      '/admin/trail/',
      html`${field({ name: 'operator', label: t.operator, value: operator, ltr: true })}
        ${field({ name: 'act', label: t.act, value: act, ltr: true })}
        ${field({ name: 'target', label: t.target, value: target, ltr: true })}`,
    );
    const list = table<ActView>(request, {
      caption: t.caption,
      none: t.none,
      rows,
      columns: [
        { head: t.at, cell: (row) => time(request, row.at) },
        {
          head: t.operator,
          names: true,
          cell: ({ operator: name }) => only('operator', name, html`<bdi>${name}</bdi>`),
        },
        { head: t.act, cell: (row) => only('act', row.act, code(row.act)) },
        { head: t.target, cell: (row) => only('target', row.target, code(row.target)) },
        { head: t.outcome, cell: (row) => badge(TONES[row.outcome], t[row.outcome]) },
        { head: t.details, cell: (row) => detailsOf(row.details) },
        { head: t.address, cell: (row) => code(row.address) },
      ],
    });
    const next = acts.length > ROWS ? rows.at(-1)!.id : null;
    return show(t.title, html`${filter}${list}${pagination(request, next)}`);
  },
});

/** A link to the rows that have the same. */
const only = (name: 'operator' | 'act' | 'target', value: string, content: Html): Html =>
  html`<a href="/admin/trail/?${new URLSearchParams({ [name]: value }).toString()}">${content}</a>`;

const detailsOf = (details: Record<string, unknown>) =>
  html`<small>${Object.entries(details).map(([name, value]) => html`${name}: <bdi>${String(value)}</bdi> `)}</small>`;
