import type { IncomingMessage } from 'node:http';

const METHODS = 'GET, POST, PATCH, DELETE';
const REQUEST_HEADERS = 'authorization, content-type, idempotency-key, x-request-id, accept-language';
const EXPOSED =
  'idempotent-replayed, location, retry-after, ratelimit-limit, ratelimit-remaining, ratelimit-reset, x-request-id';
const REMEMBER_S = '600';

export interface Cors {
  /** The answer to a preflight of an allowed origin; null leaves the request to the router. */
  preflight(incoming: IncomingMessage): Response | null;
  /** Lets the page of an allowed origin read the answer. */
  mark(incoming: IncomingMessage, response: Response): Response;
}

/** Browsers of the configured origins, and no others. Tokens travel in a header, so credentials never apply. */
export function createCors(origins: readonly string[]): Cors | null {
  if (origins.length === 0) return null;
  const allowed = (incoming: IncomingMessage): string | null => {
    const { origin } = incoming.headers;
    return origin !== undefined && (origins.includes(origin) || origins.includes('*')) ? origin : null;
  };
  return {
    preflight(incoming) {
      const origin = allowed(incoming);
      if (incoming.method !== 'OPTIONS' || origin === null) return null;
      return new Response(null, {
        status: 204,
        headers: {
          'access-control-allow-origin': origin,
          'access-control-allow-methods': METHODS,
          'access-control-allow-headers': REQUEST_HEADERS,
          'access-control-max-age': REMEMBER_S,
          vary: 'origin',
        },
      });
    },
    mark(incoming, response) {
      const origin = allowed(incoming);
      response.headers.append('vary', 'origin');
      if (origin !== null) {
        response.headers.set('access-control-allow-origin', origin);
        response.headers.set('access-control-expose-headers', EXPOSED);
      }
      return response;
    },
  };
}
