import { setTimeout as sleep } from 'node:timers/promises';
import type { CallName, CallRequest, CallResponse, Subjects } from '@b2b-charge/contracts';
import { CallError, call } from '@b2b-charge/runtime';
import { errors, type NatsConnection } from '@nats-io/transport-node';
import { codeOfCallError, Refusal } from './errors.ts';

interface AskOptions {
  readonly timeoutMs?: number;
  /** The caller's trace context, where the call leads to a command. */
  readonly traceparent?: string | undefined;
}

/** Calls other services. Their refusals become ours; a service that does not answer is UNAVAILABLE. */
export type Ask = <N extends CallName>(
  name: N,
  request: CallRequest<N>,
  options?: AskOptions,
) => Promise<CallResponse<N>>;

const TIMEOUT_MS = 5_000;
/** How long one process may take before another one is asked. */
const TRY_MS = 2_000;
const PAUSE_MS = 50;

/**
 * What credits was asked is asked again within the time that the caller waits anyway, so that nobody sees one of its
 * processes end: a repeat gets the first answer there.
 */
export function createAsk(nc: NatsConnection, subjects: Subjects): Ask {
  return async (name, request, { timeoutMs = TIMEOUT_MS, traceparent } = {}) => {
    const giveUpAt = Date.now() + timeoutMs;
    const again = name.startsWith('credits.');
    for (;;) {
      const leftMs = giveUpAt - Date.now();
      try {
        return await call(
          { nc, subjects, timeoutMs: again ? Math.min(TRY_MS, leftMs) : leftMs, traceparent },
          name,
          request,
        );
      } catch (error) {
        if (!(error instanceof CallError)) throw error;
        if (!again || leftMs <= 2 * PAUSE_MS || !mayBeAskedAgain(error, request)) throw refusalOf(error);
      }
      await sleep(PAUSE_MS);
    }
  };
}

/** A request for credit without a key is another one the second time, unless nobody took the first. */
function mayBeAskedAgain({ code, cause }: CallError, request: object): boolean {
  if (code !== 'UNAVAILABLE') return false;
  const nobodyThere = cause instanceof errors.RequestError && cause.isNoResponders();
  return nobodyThere || !('idempotency_key' in request) || Boolean(request.idempotency_key);
}

function refusalOf(error: CallError): Refusal {
  const code = codeOfCallError(error.code);
  return new Refusal(
    code,
    code === 'UNAVAILABLE' ? { headers: { 'retry-after': '1' }, cause: error } : { cause: error },
  );
}
