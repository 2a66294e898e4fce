import { PASSWORD } from './system.ts';

/** What a browser would keep and send, without one: for requests that no page would make. */
export class ConsoleClient {
  readonly #url: string;
  readonly #cookies = new Map<string, string>();

  constructor(url: string) {
    this.#url = url;
  }

  static async signedIn(url: string, username: string): Promise<ConsoleClient> {
    const client = new ConsoleClient(url);
    const form_token = await client.token();
    const answer = await client.post('/admin/sign-in/', { form_token, username, password: PASSWORD });
    if (answer.status !== 303) throw new Error(`${username} was not let in: ${answer.status}`);
    return client;
  }

  /** The token of this session's forms. */
  async token(): Promise<string> {
    const page = await (await this.get('/admin/sign-in/', { follow: true })).text();
    const token = /name="form_token" value="([^"]+)"/.exec(page)?.[1];
    if (!token) throw new Error(`no form on the page: ${page}`);
    return token;
  }

  get(path: string, { follow = false }: { follow?: boolean } = {}): Promise<Response> {
    return this.#send(path, { redirect: follow ? 'follow' : 'manual' });
  }

  post(path: string, form: Record<string, string>, headers: Record<string, string> = {}): Promise<Response> {
    return this.#send(path, {
      method: 'POST',
      redirect: 'manual',
      body: new URLSearchParams(form),
      headers: { origin: this.#url, ...headers },
    });
  }

  async #send(path: string, init: RequestInit): Promise<Response> {
    const cookie = [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const response = await fetch(this.#url + path, { ...init, headers: { ...init.headers, cookie } });
    for (const set of response.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(set)!;
      this.#cookies.set(name!, value!);
    }
    return response;
  }
}
