import { ApiClient, ApiError, type OperationId, type Operations } from '@b2b-charge/client';

type Input<O extends OperationId> = Operations[O]['input'] & { readonly idempotencyKey?: string };
/** What an operation answers once it is decided. */
type Decided<O extends OperationId> = Exclude<Operations[O]['answer'], { status: 202 }>['data'];

/** One operation of the HTTP API. Throws ApiError for an answer that is no success. */
export type Api = <O extends OperationId>(operation: O, input: Input<O>) => Promise<Decided<O>>;

/** Repeats until then what the network, or a service that is being restarted (503), has failed. */
const PATIENCE_MS = 30_000;
const PAUSE_MS = 100;

/**
 * A caller of the API who does not give up: a request that got no answer, 202 or 503 is sent again under the same key,
 * which is what makes a repeat safe.
 */
export function createApi(url: string, token: string): Api {
  const client = new ApiClient({ url, token, timeoutMs: 10_000 });
  return async (operation, input) => {
    const deadline = Date.now() + PATIENCE_MS;
    for (;;) {
      try {
        const answer = await client.call(operation, input);
        if (answer.status !== 202 || Date.now() > deadline) return answer.data as Decided<typeof operation>;
      } catch (error) {
        const decided = error instanceof ApiError && error.status !== 503;
        if (decided || Date.now() > deadline) throw error;
      }
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
  };
}
