import type { CallResponse } from '@b2b-charge/contracts';
import { flagQuery, textField } from '@b2b-charge/http/fields';
import { callersTrace } from '@b2b-charge/http/tracing/callers-trace';
import { z } from 'zod';
import type { Desk } from '../../desk.ts';
import { defineAct, definePage, type PageRequest, type Problem } from '../../http/page.ts';
import { type ConsoleReply, redirect, type Shown, show } from '../../http/reply.ts';
import { operatorActor, type Role } from '../../operators/operator.ts';
import { confirm } from '../../parts/confirm.ts';
import { field } from '../../parts/form.ts';
import { html } from '../../parts/html.ts';
import { code, empty } from '../../parts/values.ts';
import { byId, findLetter, PATH, payloadBox } from './show-letter.ts';
import { texts } from './texts.ts';

const RESUBMIT = '/admin/dead-letters/:id/resubmit/';
type Asked = PageRequest<readonly Role[], z.output<typeof byId>, unknown>;
type Told = CallResponse<'ledger.admin.resubmit-dead-letter'>;

/** Says what would be sent: the ledger has looked, and sent nothing. */
export const resubmitPage = definePage({
  id: 'resubmit',
  path: RESUBMIT,
  access: ['admin'],
  params: byId,
  input: z.object({ again: flagQuery.default(false) }),
  handle: (request, desk) => ask(request, desk, { again: request.input.again }),
});

export const resubmit = defineAct({
  id: 'resubmit-act',
  path: RESUBMIT,
  access: ['admin'],
  params: byId,
  input: z.object({ note: textField(200), again: flagQuery.default(false) }),
  trail: {
    act: 'dead-letter.resubmit',
    target: ({ params }) => `dead-letter:${params.id}`,
    details: ({ input }) => ({ note: input.note }),
  },
  again: (request, problem, desk) =>
    ask(request, desk, { again: request.input.again === 'true', note: request.input.note, problem }),
  async handle(request, desk): Promise<ConsoleReply> {
    const { backoffice } = desk;
    const { note, again } = request.input;
    const told = await tell(request, desk, { note, again, dry_run: false });
    if (told.refused !== null)
      return { ...refused(request, told.refused, again), noted: { refused: told.refused } };
    backoffice.securityLog.write(backoffice.now(), {
      event: 'DEAD_LETTER_RESUBMITTED',
      by: operatorActor(request.operator),
      vendor_id: told.vendor_id,
      dead_letter: request.params.id,
      message_id: told.message_id,
      note,
    });
    return {
      ...redirect(`${PATH}${request.params.id}/`, 'resubmitted'),
      noted: { outcome: told.outcome ?? 'not known yet' },
    };
  },
});

const tell = (
  { params, operator, address, requestId, headers }: Asked,
  { backoffice }: Desk,
  asked: { note: string; again: boolean; dry_run: boolean },
): Promise<Told> =>
  backoffice.ask(
    'ledger.admin.resubmit-dead-letter',
    { id: params.id, by: operatorActor(operator), origin: `${address} ${requestId}`, ...asked },
    { traceparent: callersTrace(headers) },
  );

async function ask(
  visit: Asked,
  desk: Desk,
  { again, note, problem }: { again: boolean; note?: unknown; problem?: Problem },
): Promise<Shown> {
  const t = texts[visit.locale];
  const letter = await findLetter(desk.backoffice, visit.params.id);
  const told = await tell(visit, desk, { note: 'only asked', again, dry_run: true });
  if (told.refused !== null) return refused(visit, told.refused, again, letter.resubmitted_as !== null);
  return confirm(visit, {
    title: t.resubmitTitle,
    under: 'dead-letters',
    about: [
      [t.subject, code(told.subject ?? '')],
      [t.key, code(told.message_id ?? '')],
    ],
    says: [t.willSend, t.willOnce, t.willSoon],
    action: `${PATH}${letter.id}/resubmit/`,
    submit: t.submit,
    cancel: `${PATH}${letter.id}/`,
    problem: problem ?? null,
    fields: html`${payloadBox(visit, told.payload_base64 ?? '')}
      ${again ? html`<input type="hidden" name="again" value="true">` : null}
      ${field({ name: 'note', label: t.note, hint: t.noteHint, value: note, required: true, maxLength: 200, problem, autofocus: true })}`,
  });
}

/** Why not; one that was sent again before may be sent once more, if somebody says so. */
function refused(visit: Asked, why: string, again: boolean, sentBefore = false): Shown {
  const t = texts[visit.locale];
  const letter = `${PATH}${visit.params.id}/`;
  const links = html`<a class="button" href="${letter}">${t.back}</a>
    ${sentBefore && !again ? html`<a class="button" href="${letter}resubmit/?again=true">${t.again}</a>` : null}`;
  return show(t.refused, empty(html`<bdi lang="en">${why}</bdi>`, links), {
    under: 'dead-letters',
    status: 409,
  });
}
