import { z } from 'zod';
import { defineAct, definePage, type Problem, type Visit } from '../../http/page.ts';
import { localPath, redirect, type Shown, show } from '../../http/reply.ts';
import { recordAct } from '../../operators/acts.ts';
import { actForm, field } from '../../parts/form.ts';
import { html } from '../../parts/html.ts';
import { writeCookie } from '../../session/cookies.ts';
import { texts } from './texts.ts';

const PATH = '/admin/sign-in/';
const MAX_TEXT = 1_000;

function signInForm(
  visit: Visit,
  {
    username,
    next,
    problem,
    status = 200,
  }: { username: unknown; next: unknown; problem?: Problem; status?: number },
): Shown {
  const t = texts[visit.locale];
  const fields = html`
    ${typeof next === 'string' ? html`<input type="hidden" name="next" value="${next}">` : null}
    ${field({ name: 'username', label: t.username, value: username, required: true, ltr: true, autocomplete: 'username', autofocus: !username })}
    ${field({ name: 'password', label: t.password, type: 'password', required: true, ltr: true, autocomplete: 'current-password', autofocus: Boolean(username) })}`;
  const body = html`<div class="card">${actForm(visit, { action: PATH, submit: t.submit, fields, problem })}</div>`;
  return show(t.title, body, { status });
}

export const signInPage = definePage({
  id: 'sign-in',
  path: PATH,
  access: 'public',
  input: z.object({ next: z.string().max(MAX_TEXT).optional() }),
  handle: (request) =>
    request.operator
      ? redirect(localPath(request.input.next))
      : signInForm(request, { username: undefined, next: request.input.next }),
});

export const signIn = defineAct({
  id: 'sign-in-act',
  path: PATH,
  access: 'public',
  input: z.object({
    username: z.string().max(MAX_TEXT),
    password: z.string().max(MAX_TEXT),
    next: z.string().max(MAX_TEXT).optional(),
  }),
  // Written by hand: who it was is known only afterwards.
  trail: null,
  again: (request, problem) =>
    signInForm(request, { username: request.input.username, next: request.input.next, problem, status: 400 }),
  async handle(request, { backoffice, sessions, signIn: desk }) {
    const { username, password, next } = request.input;
    const { address, requestId, locale, formats, headers } = request;
    const t = texts[locale];
    const result = await desk.signIn({ username, password, address });
    if (result.kind !== 'ok') {
      const seconds = result.kind === 'wait' ? Math.ceil(result.waitMs / 1_000) : 0;
      backoffice.refusals.write({
        event: result.kind === 'wait' ? 'SIGN_IN_LOCKED' : 'SIGN_IN_REFUSED',
        address,
        username: username.slice(0, 80),
        request_id: requestId,
      });
      const wait =
        seconds > 90
          ? t.minutes(formats.number(Math.ceil(seconds / 60)))
          : t.seconds(formats.number(seconds));
      const problem = { message: seconds > 0 ? t.wait(wait) : t.wrong, fields: new Map() };
      return signInForm(request, { username, next, problem, status: seconds > 0 ? 429 : 401 });
    }
    const { operator } = result;
    await recordAct(backoffice.db, {
      operator: operator.username,
      act: 'operator.sign-in',
      target: `operator:${operator.username}`,
      address,
      requestId,
    });
    // Never the session of before: an id that somebody planted must not become a signed-in one.
    if (request.sessionId !== null) await sessions.end(request.sessionId);
    const { id } = await sessions.begin(operator);
    return redirect(localPath(next), undefined, { cookies: [writeCookie(headers, 'session', id)] });
  },
});

export const signOut = defineAct({
  id: 'sign-out',
  path: '/admin/sign-out/',
  access: ['admin', 'approver', 'auditor'],
  trail: { act: 'operator.sign-out', target: ({ operator }) => `operator:${operator.username}` },
  async handle({ sessionId, headers }, { sessions }) {
    if (sessionId !== null) await sessions.end(sessionId);
    return redirect(PATH, 'signed_out', { cookies: [writeCookie(headers, 'session', '', 0)] });
  },
});
