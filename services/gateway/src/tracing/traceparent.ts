import type { IncomingHttpHeaders } from 'node:http';

/** W3C trace context of a request, passed on only if it is well formed. */
export const traceparentOf = ({ traceparent: given }: IncomingHttpHeaders): string | undefined =>
  typeof given === 'string' && /^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/.test(given)
    ? given
    : undefined;
