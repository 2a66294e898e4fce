import { statusOf } from './errors.ts';
import { type Locale, message } from './messages/index.ts';
import type { Failure, Headers, Reply } from './reply.ts';

/** On every answer. The API serves no page that may be framed, sniffed, cached or referred from. */
export const SECURITY_HEADERS = {
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
} as const;

interface Circumstances {
  readonly locale: Locale;
  readonly requestId: string;
  /** Headers that the pipeline adds: rate limit, CORS. */
  readonly headers: Headers | undefined;
}

/** The HTTP answer of a reply: status, headers and the seed's envelope. */
export function respond(reply: Reply, { locale, requestId, headers }: Circumstances): Response {
  const all = { ...SECURITY_HEADERS, 'x-request-id': requestId, ...headers, ...reply.headers };
  switch (reply.kind) {
    case 'raw':
      return new Response(reply.body, { status: reply.status, headers: all });
    case 'success':
      return json(reply.status, all, {
        success: reply.status < 400,
        data: reply.data,
        message: message(locale, reply.message),
      });
    case 'failure':
      return json(statusOf(reply.code), all, {
        success: false,
        error: errorOf(reply, locale, requestId),
        message: message(locale, reply.code),
      });
  }
}

export const errorOf = (failure: Failure, locale: Locale, requestId: string) => ({
  code: failure.code,
  message: message(locale, failure.code),
  ...(failure.details === undefined ? {} : { details: failure.details }),
  request_id: failure.requestId ?? requestId,
});

function json(status: number, headers: Record<string, string>, value: unknown): Response {
  headers['content-type'] = 'application/json; charset=utf-8';
  return new Response(JSON.stringify(value), { status, headers });
}
