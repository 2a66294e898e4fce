import type { IncomingHttpHeaders } from 'node:http';
import { parseTraceparent } from '@b2b-charge/runtime';

/** The caller's W3C trace context, passed on only if it is well formed. */
export const callersTrace = ({ traceparent }: IncomingHttpHeaders): string | undefined =>
  typeof traceparent === 'string' && parseTraceparent(traceparent) ? traceparent : undefined;
