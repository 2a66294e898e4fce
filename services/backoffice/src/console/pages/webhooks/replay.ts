import { z } from 'zod';
import type { Desk } from '../../desk.ts';
import { boxesInput } from '../../http/inputs.ts';
import { defineAct, definePage, type Problem, type Visit } from '../../http/page.ts';
import { redirect, type Shown, show } from '../../http/reply.ts';
import { operatorActor } from '../../operators/operator.ts';
import { confirm } from '../../parts/confirm.ts';
import { html } from '../../parts/html.ts';
import { code, empty } from '../../parts/values.ts';
import { texts } from './texts.ts';
import { PATH } from './webhooks.ts';

const REPLAY = '/admin/webhooks/replay/';
const idList = boxesInput(
  z
    .string()
    .regex(/^[1-9][0-9]{0,14}$/)
    .transform(Number),
);

export const replayPage = definePage({
  id: 'webhooks-replay',
  path: REPLAY,
  access: ['admin'],
  input: z.object({ id: idList.optional() }),
  handle: (request) => ask(request, request.input.id ?? []),
});

export const replay = defineAct({
  id: 'webhooks-replay-act',
  path: REPLAY,
  access: ['admin'],
  input: z.object({ id: idList }),
  trail: {
    act: 'webhook.replay',
    target: ({ input }) => `webhook-delivery:${input.id.join(',')}`.slice(0, 200),
  },
  again: (request, problem) => ask(request, idList.safeParse(request.input.id).data ?? [], problem),
  async handle({ input, operator, address, requestId }, { backoffice }: Desk) {
    const by = operatorActor(operator);
    const asked = { ids: input.id, by, origin: `${address} ${requestId}` };
    const { replayed } = await backoffice.ask('webhooks.replay', asked);
    return { ...redirect(`${PATH}?state=pending`, 'webhooks_replayed'), noted: { replayed } };
  },
});

function ask(visit: Visit, ids: readonly number[], problem?: Problem): Shown {
  const t = texts[visit.locale];
  if (ids.length === 0) {
    const back = html`<a class="button" href="${PATH}">${t.back}</a>`;
    return show(t.replayTitle, empty(t.nothingSelected, back), { under: 'webhooks' });
  }
  const count = visit.formats.number(ids.length);
  return confirm(visit, {
    title: t.replayTitle,
    under: 'webhooks',
    says: [t.willReplay(count), t.willSame],
    action: REPLAY,
    submit: t.submit(count),
    danger: false,
    cancel: PATH,
    problem: problem ?? null,
    fields: html`<p>${ids.map((id) => html`${code(String(id))} `)}</p>
      ${ids.map((id) => html`<input type="hidden" name="id" value="${id}">`)}`,
  });
}
