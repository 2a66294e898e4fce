export const PASSWORD = 'a long enough password';

/** What a browser would keep and send, without one: for requests that no page would make. */
export class ConsoleClient {
  readonly #url: string;
  readonly #cookies = new Map<string, string>();

  constructor(url: string) {
    this.#url = url;
  }

  static async signedIn(url: string, username: string): Promise<ConsoleClient> {
    const client = new ConsoleClient(url);
    const answer = await client.signIn(username);
    if (answer.status !== 303) throw new Error(`${username} was not let in: ${answer.status}`);
    return client;
  }

  /** Sends the form of the sign-in page. */
  async signIn(username: string, password = PASSWORD): Promise<Response> {
    return this.post('/admin/sign-in/', { form_token: await this.token(), username, password });
  }

  async signOut(): Promise<Response> {
    return this.post('/admin/sign-out/', { form_token: await this.token() });
  }

  /** The id of the session, as its cookie has it. */
  get session(): string | undefined {
    return this.#cookies.get('console-session');
  }

  /** Takes over a session, as a browser that still has its cookie. */
  resume(session: string): void {
    this.#cookies.set('console-session', session);
  }

  /** The token of this session's forms, from a page that asks no other service. */
  async token(): Promise<string> {
    const path = this.session ? '/admin/trail/' : '/admin/sign-in/';
    const page = await (await this.get(path, { follow: true })).text();
    const token = /name="form_token" value="([^"]+)"/.exec(page)?.[1];
    if (!token) throw new Error(`no form on the page: ${page}`);
    return token;
  }

  get(
    path: string,
    { follow = false, headers = {} }: { follow?: boolean; headers?: Record<string, string> } = {},
  ): Promise<Response> {
    return this.#send(path, { redirect: follow ? 'follow' : 'manual', headers });
  }

  post(
    path: string,
    form: Record<string, string> | URLSearchParams,
    headers: Record<string, string> = {},
  ): Promise<Response> {
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
