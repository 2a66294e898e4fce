import type { CallName, CallRequest, CallResponse, Subjects } from '@b2b-charge/contracts';
import { CallError, call } from '@b2b-charge/runtime';
import type { NatsConnection } from '@nats-io/transport-node';
import { codeOfCallError, Refusal } from './http/errors.ts';

/** Calls other services. Their refusals become ours; a service that does not answer is UNAVAILABLE. */
export type Ask = <N extends CallName>(
  name: N,
  request: CallRequest<N>,
  timeoutMs?: number,
) => Promise<CallResponse<N>>;

const TIMEOUT_MS = 5_000;

export function createAsk(nc: NatsConnection, subjects: Subjects): Ask {
  return async (name, request, timeoutMs = TIMEOUT_MS) => {
    try {
      return await call({ nc, subjects, timeoutMs }, name, request);
    } catch (error) {
      if (!(error instanceof CallError)) throw error;
      const code = codeOfCallError(error.code);
      throw new Refusal(
        code,
        code === 'UNAVAILABLE' ? { headers: { 'retry-after': '1' }, cause: error } : { cause: error },
      );
    }
  };
}
