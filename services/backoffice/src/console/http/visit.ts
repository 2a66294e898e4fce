import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { localeOf } from '@b2b-charge/http/messages/index';
import type { Desk } from '../desk.ts';
import { isNotice } from '../notices.ts';
import type { Operator } from '../operators/operator.ts';
import { operatorById } from '../operators/operator-store.ts';
import { readCookie, writeCookie } from '../session/cookies.ts';
import { formToken } from '../session/forgery.ts';
import { type Fields, fieldsOf } from './form-body.ts';
import type { Theme, Visit } from './page.ts';

export interface Arrival {
  readonly visit: Visit;
  readonly query: Fields;
  /** To set with the answer. */
  readonly cookies: string[];
}

const FORM_COOKIE = /^[\w-]{43}$/;

/** Reads who looks and how: session, language, theme, notice. */
export async function receive(
  incoming: IncomingMessage,
  desk: Desk,
  { address, requestId }: { address: string; requestId: string },
): Promise<Arrival> {
  const { headers } = incoming;
  const cookies: string[] = [];
  const { path, query, notice } = readUrl(incoming.url ?? '/admin/');
  const chosen = readCookie(headers, 'locale');
  const locale = chosen === 'fa' || chosen === 'en' ? chosen : localeOf(headers['accept-language']);
  const found = await findSession(incoming, desk, cookies);
  const visit: Visit = {
    operator: found?.operator ?? null,
    sessionId: found?.id ?? null,
    csrf: found?.csrf ?? formToken(formCookie(incoming, cookies)),
    locale,
    theme: themeOf(readCookie(headers, 'theme')),
    formats: desk.formats(locale),
    address,
    requestId,
    path,
    notice,
    headers,
  };
  return { visit, query, cookies };
}

async function findSession(
  { headers }: IncomingMessage,
  desk: Desk,
  cookies: string[],
): Promise<{ id: string; csrf: string; operator: Operator } | null> {
  const id = readCookie(headers, 'session');
  const used = id === null ? null : await desk.sessions.use(id);
  if (id === null || !used) return null;
  const operator = await operatorById(desk.backoffice.db, used.session.operatorId);
  if (!operator?.enabled || operator.generation !== used.session.generation) {
    await desk.sessions.end(used.renewedId ?? id);
    return null;
  }
  if (used.renewedId !== null) cookies.push(writeCookie(headers, 'session', used.renewedId));
  return { id: used.renewedId ?? id, csrf: used.session.csrf, operator };
}

/** Before there is a session, the token of forms hangs on a cookie of its own. */
function formCookie({ headers }: IncomingMessage, cookies: string[]): string {
  const known = readCookie(headers, 'form');
  if (known !== null && FORM_COOKIE.test(known)) return known;
  const made = randomBytes(32).toString('base64url');
  cookies.push(writeCookie(headers, 'form', made));
  return made;
}

function readUrl(url: string) {
  const mark = url.indexOf('?');
  const pathname = mark < 0 ? url : url.slice(0, mark);
  const { done, ...query } = fieldsOf(mark < 0 ? '' : url.slice(mark + 1));
  const rest = new URLSearchParams(
    Object.entries(query).flatMap(([name, value]) =>
      [value].flat().map((one): [string, string] => [name, one]),
    ),
  ).toString();
  return {
    query,
    path: rest === '' ? pathname : `${pathname}?${rest}`,
    notice: typeof done === 'string' && isNotice(done) ? done : null,
  };
}

const themeOf = (text: string | null): Theme => (text === 'light' || text === 'dark' ? text : 'auto');
