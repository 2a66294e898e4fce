/** An answer of the API, envelope and all. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every route
  readonly body: any;
  // biome-ignore lint/suspicious/noExplicitAny: as above
  readonly data: any;
  /** The code of a failure. */
  readonly code: string | undefined;
}

const WAIT_MS = 15_000;
const PAUSE_MS = 20;

/** Calls the API with one token. */
export class Caller {
  readonly url: string;
  readonly token: string | undefined;

  constructor(url: string, token?: string) {
    this.url = url;
    this.token = token;
  }

  /** The same token at another address. */
  to(url: string): Caller {
    return new Caller(url, this.token);
  }

  get = (path: string, headers?: Record<string, string>) => this.call('GET', path, undefined, headers);
  post = (path: string, body?: unknown, headers?: Record<string, string>) =>
    this.call('POST', path, body, headers);
  patch = (path: string, body?: unknown) => this.call('PATCH', path, body);
  delete = (path: string) => this.call('DELETE', path);
  sell = (sale: Record<string, unknown>, key?: string) =>
    this.post('/api/charges/sell/', sale, key === undefined ? {} : { 'idempotency-key': key });

  async call(
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Answer> {
    const response = await fetch(this.url + path, {
      method,
      headers: {
        ...(this.token === undefined ? {} : { authorization: `Token ${this.token}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      body: body === undefined ? null : typeof body === 'string' ? body : JSON.stringify(body),
    });
    const text = await response.text();
    const parsed = response.headers.get('content-type')?.includes('json') ? JSON.parse(text) : undefined;
    return {
      status: response.status,
      headers: response.headers,
      text,
      body: parsed,
      data: parsed?.data,
      code: parsed?.error?.code,
    };
  }

  /** Asks until the answer is as wished. */
  async waitFor(path: string, isAsWished: (answer: Answer) => boolean): Promise<Answer> {
    const giveUpAt = Date.now() + WAIT_MS;
    for (;;) {
      const answer = await this.get(path);
      if (isAsWished(answer)) return answer;
      if (Date.now() > giveUpAt) throw new Error(`${path} still answers ${answer.status} ${answer.text}`);
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
  }
}
