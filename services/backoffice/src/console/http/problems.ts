import { type ErrorCode, type Refusal, statusOf } from '@b2b-charge/http/errors';
import { describeIssues } from '@b2b-charge/http/issues';
import { type Locale, message } from '@b2b-charge/http/messages/index';
import type { z } from 'zod';
import { type Content, html } from '../parts/html.ts';
import { defineTexts } from '../texts.ts';
import type { Problem, Visit } from './page.ts';
import { type Shown, show } from './reply.ts';

const texts = defineTexts({
  en: {
    SESSION_ENDED: 'Your session has ended',
    sessionEnded: 'Nothing was done. Sign in again and repeat it.',
    FORGED: 'This form is not ours, or too old',
    forged: 'Nothing was done. Open the page again and repeat it.',
    ROLE: 'Your role may not do that',
    role: 'Ask someone with the role that it needs.',
    UNAVAILABLE: 'A part of the system does not answer at the moment. You may safely try again.',
    OVERLOADED: 'The system is busy at the moment. You may safely try again.',
    signIn: 'Sign in',
    home: 'To the first page',
    request: 'Request',
  },
  fa: {
    SESSION_ENDED: 'نشست شما پایان یافته است',
    sessionEnded: 'کاری انجام نشد. دوباره وارد شوید و آن را تکرار کنید.',
    FORGED: 'این فرم معتبر نیست یا قدیمی است',
    forged: 'کاری انجام نشد. صفحه را دوباره باز و تکرار کنید.',
    ROLE: 'نقش شما اجازهٔ این کار را ندارد',
    role: 'از کسی بخواهید که نقش لازم را دارد.',
    UNAVAILABLE: 'بخشی از سامانه اکنون پاسخ نمی‌دهد. می‌توانید با خیال راحت دوباره تلاش کنید.',
    OVERLOADED: 'سامانه اکنون سرش شلوغ است. می‌توانید با خیال راحت دوباره تلاش کنید.',
    signIn: 'ورود',
    home: 'به صفحهٔ نخست',
    request: 'درخواست',
  },
});

/** A page of its own for what cannot be shown or done. */
function problemPage(visit: Visit, title: string, status: number, more: Content, link: Content): Shown {
  const t = texts[visit.locale];
  const body = html`<div class="empty">
    ${more}
    <p>${link}</p>
    <p class="muted">${t.request} <code>${visit.requestId}</code></p>
  </div>`;
  return show(title, body, { status });
}

const home = (visit: Visit) =>
  visit.operator
    ? html`<a class="button" href="/admin/">${texts[visit.locale].home}</a>`
    : html`<a class="button" href="/admin/sign-in/">${texts[visit.locale].signIn}</a>`;

export const sessionEnded = (visit: Visit): Shown =>
  problemPage(
    visit,
    texts[visit.locale].SESSION_ENDED,
    401,
    html`<p>${texts[visit.locale].sessionEnded}</p>`,
    home(visit),
  );

export const forged = (visit: Visit): Shown =>
  problemPage(
    visit,
    texts[visit.locale].FORGED,
    403,
    html`<p>${texts[visit.locale].forged}</p>`,
    home(visit),
  );

export const wrongRole = (visit: Visit): Shown =>
  problemPage(visit, texts[visit.locale].ROLE, 403, html`<p>${texts[visit.locale].role}</p>`, home(visit));

/** The API's sentence, unless it speaks of what only a caller of the API has. */
function sentenceOf(locale: Locale, code: ErrorCode): string {
  const t = texts[locale];
  return code === 'UNAVAILABLE' || code === 'OVERLOADED' ? t[code] : message(locale, code);
}

export function refused(visit: Visit, code: ErrorCode, problem?: Problem): Shown {
  const fields = [...(problem?.fields ?? [])].map(
    ([field, sentence]) => html`<li><strong>${field}</strong>: ${sentence}</li>`,
  );
  const list = fields.length > 0 ? html`<ul>${fields}</ul>` : null;
  return problemPage(visit, sentenceOf(visit.locale, code), statusOf(code), list, home(visit));
}

/** What was wrong, as a form shows it. */
export function problemOf(refusal: Refusal, locale: Locale): Problem {
  const fields = refusal.details?.fields;
  return { message: sentenceOf(locale, refusal.code), fields: fields instanceof Map ? fields : new Map() };
}

/** Sentences by field of what a schema refused. */
export const fieldsRefused = (error: z.ZodError, input: unknown, locale: Locale): Map<string, string> =>
  new Map(describeIssues(error, input, locale).map(({ field, message: sentence }) => [field, sentence]));
