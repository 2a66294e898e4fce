import type { MsgHdrs } from '@nats-io/transport-node';

/** Header bytes as they are, past the client's own checks: the server takes them. */
export const rawHeaders = (text: string): MsgHdrs =>
  ({ encode: () => Buffer.from(text, 'latin1'), get: () => '', has: () => false, set() {} }) as never;
