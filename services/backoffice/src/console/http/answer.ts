import { layout } from '../parts/layout.ts';
import type { Page, Visit } from './page.ts';
import type { ConsoleReply } from './reply.ts';

/** Everything of a page comes from here, and nothing in it is inline. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "font-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ');

const HEADERS = {
  'content-security-policy': POLICY,
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  // Not "no-referrer": with that, browsers leave the origin of a form unsaid.
  'referrer-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
  'cache-control': 'no-store',
} as const;

/** The HTTP answer of a reply. */
export async function answer(
  reply: ConsoleReply,
  {
    visit,
    page,
    pages,
    cookies,
  }: { visit: Visit; page: Page | null; pages: readonly Page[]; cookies: readonly string[] },
): Promise<Response> {
  const headers = new Headers({ ...HEADERS, 'x-request-id': visit.requestId });
  for (const cookie of cookies) headers.append('set-cookie', cookie);
  switch (reply.kind) {
    case 'page':
      headers.set('content-type', 'text/html; charset=utf-8');
      headers.append('vary', 'cookie, accept-language');
      return new Response(String(await layout(reply, { visit, page, pages })), {
        status: reply.status,
        headers,
      });
    case 'redirect':
      headers.set('location', reply.to);
      for (const cookie of reply.cookies) headers.append('set-cookie', cookie);
      return new Response(null, { status: 303, headers });
    case 'raw':
      for (const [name, value] of Object.entries(reply.headers)) headers.set(name, value);
      return new Response(reply.body, { status: reply.status, headers });
  }
}
