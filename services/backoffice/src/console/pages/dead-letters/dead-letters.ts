import { DEAD_LETTER_REASONS, type DeadLetter } from '@b2b-charge/contracts';
import { cursorQuery } from '@b2b-charge/http/fields';
import { z } from 'zod';
import { definePage } from '../../http/page.ts';
import { show } from '../../http/reply.ts';
import { filterForm, select } from '../../parts/form.ts';
import { html } from '../../parts/html.ts';
import { pagination, table } from '../../parts/table.ts';
import { code, time } from '../../parts/values.ts';
import { letterState, PATH } from './show-letter.ts';
import { texts } from './texts.ts';

const ROWS = 50;

export const deadLetters = definePage({
  id: 'dead-letters',
  path: PATH,
  access: ['admin', 'approver', 'auditor'],
  menu: { order: 60, text: { en: texts.en.title, fa: texts.fa.title } },
  input: z.object({ reason: z.enum(DEAD_LETTER_REASONS).optional(), cursor: cursorQuery.optional() }),
  async handle(request, { backoffice }) {
    const t = texts[request.locale];
    const { reason, cursor } = request.input;
    const page = await backoffice.ask('ledger.query.dead-letters', { reason, cursor, limit: ROWS });
    const choices = [['', t.all] as const, ...DEAD_LETTER_REASONS.map((one) => [one, t[one]] as const)];
    const list = table<DeadLetter>(request, {
      caption: t.caption,
      none: reason === undefined ? t.none : t.noneSuch,
      rows: page.dead_letters,
      columns: [
        { head: t.id, names: true, cell: ({ id }) => html`<a href="${PATH}${id}/">${code(id)}</a>` },
        { head: t.at, cell: ({ created_at }) => time(request, created_at) },
        { head: t.reason, cell: (row) => t[row.reason] },
        { head: t.key, cell: ({ message_id }) => (message_id === null ? null : code(message_id)) },
        { head: t.detail, cell: ({ detail }) => html`<bdi lang="en">${detail}</bdi>` },
        { head: t.state, cell: (row) => letterState(request, row) },
      ],
    });
    const filter = filterForm(
      request,
      PATH,
      select({ name: 'reason', label: t.reason, value: reason, choices }),
    );
    return show(t.title, html`${filter}${list}${pagination(request, page.next_cursor)}`);
  },
});
