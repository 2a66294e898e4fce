import type { IncomingHttpHeaders } from 'node:http';

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d{1,5})?$/i;

/** Whether the request never left this machine: only then does a cookie go without TLS. */
const isLocal = (headers: IncomingHttpHeaders): boolean => LOOPBACK.test(headers.host ?? '');

export type CookieName = 'session' | 'form' | 'locale' | 'theme';

/** `__Host-` makes the browser refuse a cookie that another subdomain, or a page without TLS, planted. */
const nameOf = (name: CookieName, headers: IncomingHttpHeaders): string =>
  isLocal(headers) ? `console-${name}` : `__Host-console-${name}`;

export function readCookie(headers: IncomingHttpHeaders, name: CookieName): string | null {
  const wanted = `${nameOf(name, headers)}=`;
  for (const part of (headers.cookie ?? '').split(';')) {
    const text = part.trim();
    if (text.startsWith(wanted)) return text.slice(wanted.length);
  }
  return null;
}

/** A Set-Cookie header. Without an age the cookie ends with the browser; an age of 0 ends it now. */
export function writeCookie(
  headers: IncomingHttpHeaders,
  name: CookieName,
  value: string,
  maxAgeS?: number,
): string {
  return [
    `${nameOf(name, headers)}=${value}`,
    'Path=/',
    'HttpOnly',
    'SameSite=Lax',
    ...(isLocal(headers) ? [] : ['Secure']),
    ...(maxAgeS === undefined ? [] : [`Max-Age=${maxAgeS}`]),
  ].join('; ');
}
