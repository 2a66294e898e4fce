import { SPAN_KIND, type Tracing } from '@b2b-charge/runtime';
import type { HttpContext } from '../pipeline.ts';
import type { Route } from '../route.ts';

type Handle = (context: HttpContext) => Promise<Response>;

/**
 * A span for each sampled request. It takes the place of the caller's trace context, so that what the handler sends on
 * belongs to it.
 */
export function traceRequests(
  tracing: Tracing,
  route: Pick<Route, 'method' | 'path'>,
  handle: Handle,
): Handle {
  const name = `${route.method} ${route.path}`;
  return async (context) => {
    const { headers } = context.env.incoming;
    const given = headers.traceparent;
    if (!tracing.samples(given)) return handle(context);
    const span = tracing.start(name, {
      kind: SPAN_KIND.server,
      parent: typeof given === 'string' ? given : undefined,
      attributes: { 'http.request.method': route.method, 'http.route': route.path },
    });
    headers.traceparent = span.traceparent;
    try {
      const response = await handle(context);
      span.set({
        'http.response.status_code': response.status,
        'request.id': response.headers.get('x-request-id') ?? '',
      });
      if (response.status >= 500) span.fail(String(response.status));
      return response;
    } finally {
      span.end();
    }
  };
}
