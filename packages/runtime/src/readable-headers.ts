import type { MsgHdrs } from '@nats-io/transport-node';

/**
 * The server takes any bytes for headers; the client throws at the sight of a name that can be none ("bad name : x"). Such
 * a message counts as one without headers: it must stop neither the log nor an audit.
 */
export function readableHeaders(headers: () => MsgHdrs | undefined): MsgHdrs | undefined {
  try {
    return headers();
  } catch {
    return undefined;
  }
}
