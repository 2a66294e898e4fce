import { OPERATIONS, type Operations } from './operations.ts';

export type OperationId = keyof Operations;

/** Status, data and headers of an answer of the 200s. */
export type ApiAnswer<O extends OperationId> = Operations[O]['answer'] & {
  readonly message: string;
  /** The outcome is that of an earlier request with the same key. */
  readonly replayed: boolean;
  readonly headers: Headers;
};

/** The API said no. `code` is stable; `message` is for people. */
export class ApiError extends Error {
  override name = 'ApiError';
  readonly status: number;
  readonly code: string;
  readonly details: Readonly<Record<string, unknown>>;
  readonly requestId: string;
  /** Whole seconds after which a repeat makes sense; null if none was named. */
  readonly retryAfterS: number | null;
  constructor(
    status: number,
    error: { code: string; message: string; details?: Record<string, unknown>; request_id: string },
    retryAfterS: number | null,
  ) {
    super(`${error.code}: ${error.message}`);
    this.status = status;
    this.code = error.code;
    this.details = error.details ?? {};
    this.requestId = error.request_id;
    this.retryAfterS = retryAfterS;
  }
}

export interface ApiClientOptions {
  /** e.g. http://127.0.0.1:8000 */
  readonly url: string;
  readonly token?: string | undefined;
  readonly language?: 'en' | 'fa';
  /** For one request; a sale that runs into it is in doubt until it is repeated under its key. */
  readonly timeoutMs?: number;
}

type Input<O extends OperationId> = Operations[O]['input'] & { readonly idempotencyKey?: string };

/** The HTTP API, typed by its own OpenAPI document. */
export class ApiClient {
  readonly #options: ApiClientOptions;

  constructor(options: ApiClientOptions) {
    this.#options = options;
  }

  /** Rejects with ApiError for an answer that is a failure, with the error of fetch when there is no answer. */
  async call<O extends OperationId>(operation: O, input: Input<O>): Promise<ApiAnswer<O>> {
    const { url, token, language = 'en', timeoutMs = 15_000 } = this.#options;
    const { method, path } = OPERATIONS[operation];
    const { params, query, body, idempotencyKey } = input as {
      params?: Record<string, unknown>;
      query?: Record<string, unknown>;
      body?: unknown;
      idempotencyKey?: string;
    };
    const response = await fetch(url + target(path, params, query), {
      method,
      headers: {
        accept: 'application/json',
        'accept-language': language,
        ...(token === undefined ? {} : { authorization: `Token ${token}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(idempotencyKey === undefined ? {} : { 'idempotency-key': idempotencyKey }),
      },
      body: body === undefined ? null : JSON.stringify(body),
      signal: AbortSignal.timeout(timeoutMs),
    });
    const answer = (await response.json()) as {
      data: unknown;
      message: string;
      error?: ConstructorParameters<typeof ApiError>[1];
    };
    const { status, headers } = response;
    if (answer.error) throw new ApiError(status, answer.error, secondsOf(headers.get('retry-after')));
    const replayed = headers.get('idempotent-replayed') === 'true';
    return { status, data: answer.data, message: answer.message, replayed, headers } as ApiAnswer<O>;
  }
}

function target(
  path: string,
  params: Record<string, unknown> = {},
  query: Record<string, unknown> = {},
): string {
  const filled = path.replaceAll(/\{([a-z_]+)\}/g, (_, name: string) =>
    encodeURIComponent(String(params[name])),
  );
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined && value !== null) search.set(name, String(value));
  }
  return search.size === 0 ? filled : `${filled}?${search}`;
}

const secondsOf = (header: string | null): number | null =>
  header !== null && /^\d+$/.test(header) ? Number(header) : null;
