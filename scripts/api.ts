/** One call of the HTTP API: the answer's data. Throws ApiError for an answer that is no success. */
export type Api = <T = unknown>(method: string, path: string, body?: unknown, key?: string) => Promise<T>;

export class ApiError extends Error {
  override name = 'ApiError';
  readonly status: number;
  readonly code: string;
  constructor(status: number, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

/** Repeats until then what the network, or a service that is being restarted (503), has failed. */
const PATIENCE_MS = 30_000;

interface Envelope {
  success: boolean;
  data?: unknown;
  message?: string;
  error?: { code: string };
}

/**
 * A caller of the API who does not give up: a request that got no answer, or 503, is sent again under the same key,
 * which is what makes a repeat safe. A 202 is asked after until it is decided.
 */
export function createApi(baseUrl: string, token: string): Api {
  return async <T>(method: string, path: string, body?: unknown, key?: string): Promise<T> => {
    const deadline = Date.now() + PATIENCE_MS;
    for (;;) {
      const answer = await attempt(`${baseUrl}${path}`, { method, token, body, key });
      const undecided = answer === null || answer.status === 503 || answer.status === 202;
      if (!undecided && answer.envelope.success) return answer.envelope.data as T;
      if (!undecided || Date.now() > deadline) {
        const { error, message } = answer?.envelope ?? {};
        throw new ApiError(
          answer?.status ?? 0,
          error?.code ?? 'NO_ANSWER',
          message ?? `${method} ${path}: no answer`,
        );
      }
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  };
}

async function attempt(
  url: string,
  { method, token, body, key }: { method: string; token: string; body: unknown; key: string | undefined },
): Promise<{ status: number; envelope: Envelope } | null> {
  try {
    const response = await fetch(url, {
      method,
      headers: {
        authorization: `Token ${token}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(key === undefined ? {} : { 'idempotency-key': key }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(10_000),
    });
    return { status: response.status, envelope: (await response.json()) as Envelope };
  } catch {
    return null;
  }
}
