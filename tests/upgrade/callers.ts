import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';

/** What callers were answered: none of them ever asks twice. */
export interface Calls {
  readonly counts: Record<string, number>;
  /** The first few that failed; there must be none. */
  readonly failures: string[];
  readonly longestMs: number;
  readonly sold: number;
}

interface CallersOptions {
  readonly url: string;
  /** Of the back office. */
  readonly adminUrl: string;
  readonly adminToken: string;
  /** How many sell, beside one that asks for credit and one that reads. */
  readonly tills: number;
}

const KEPT = 20;
const PAUSE_MS = 10;
const VENDORS = 4;
const PATIENCE_MS = 20_000;

/** Vendors who sell, read and are granted credit through one address, until told to stop. */
export class Callers {
  readonly calls = { counts: {} as Record<string, number>, failures: [] as string[], longestMs: 0, sold: 0 };
  readonly #options: CallersOptions;
  readonly #vendors: number[] = [];
  /** One of each vendor. */
  readonly #tokens: string[] = [];

  constructor(options: CallersOptions) {
    this.#options = options;
  }

  /** Opens the vendors and grants them credit. */
  async open(): Promise<void> {
    const { adminToken } = this.#options;
    for (let index = 0; index < VENDORS; index++) {
      const vendor = await this.#call('open', '/api/admin/vendors/', adminToken, { name: `Shop ${index}` });
      this.#vendors.push(vendor.vendor_id);
      const { token } = await this.#issue(vendor.vendor_id);
      this.#tokens.push(token);
      await this.#grant(token, '1000000.00');
    }
    for (const token of this.#tokens) {
      const deadline = Date.now() + PATIENCE_MS;
      while (Number((await this.#call('open', '/api/vendors/balance/', token)).balance) === 0) {
        if (Date.now() > deadline) throw new Error('the first credit was not posted');
        await sleep(PAUSE_MS);
      }
    }
  }

  #issue(vendorId: number): Promise<{ id: number; token: string }> {
    return this.#call('open', `/api/admin/vendors/${vendorId}/tokens/`, this.#options.adminToken, {
      name: 'till',
    });
  }

  /** Gives every vendor a second token, and uses it from now on. Returns the ones of before. */
  async changeTokens(): Promise<readonly { vendorId: number; token: string }[]> {
    const former = this.#vendors.map((vendorId, index) => ({ vendorId, token: this.#tokens[index]! }));
    for (const [index, vendorId] of this.#vendors.entries())
      this.#tokens[index] = (await this.#issue(vendorId)).token;
    return former;
  }

  async run(until: AbortSignal): Promise<Calls> {
    const repeat = async (work: (n: number) => Promise<unknown>) => {
      for (let n = 0; !until.aborted; n++) {
        await work(n).catch(() => {});
        await sleep(PAUSE_MS);
      }
    };
    const tokenOf = (n: number) => this.#tokens[n % this.#tokens.length]!;
    await Promise.all([
      ...Array.from({ length: this.#options.tills }, (_, till) =>
        repeat((n) => this.#sell(tokenOf(till + n))),
      ),
      repeat((n) => this.#call('read', '/api/transactions/', tokenOf(n))),
      repeat((n) => this.#grant(tokenOf(n), '10.00')),
    ]);
    return this.calls;
  }

  async #sell(token: string): Promise<void> {
    await this.#call('sell', '/api/charges/sell/', token, { phone_number: '+989121234567', amount: '1.00' });
    this.calls.sold++;
  }

  async #grant(token: string, amount: string): Promise<void> {
    const credit = await this.#call('request credit', '/api/credits/request/', token, { amount });
    const path = `/api/admin/credits/${credit.id}/approve/`;
    await this.#call('approve credit', path, this.#options.adminToken, {});
  }

  /** Throws when it fails: anything but a 200 or a 201, a 202 too, is a failure. */
  async #call(name: string, path: string, token: string, body?: unknown) {
    const from = performance.now();
    const { calls } = this;
    const { url, adminUrl } = this.#options;
    try {
      const response = await fetch((path.startsWith('/api/admin/') ? adminUrl : url) + path, {
        method: body === undefined ? 'GET' : 'POST',
        headers: {
          authorization: `Token ${token}`,
          ...(body === undefined
            ? {}
            : { 'content-type': 'application/json', 'idempotency-key': randomUUID() }),
        },
        body: body === undefined ? null : JSON.stringify(body),
        signal: AbortSignal.timeout(PATIENCE_MS),
      });
      const text = await response.text();
      if (response.status !== 200 && response.status !== 201) throw new Error(`${response.status} ${text}`);
      calls.counts[name] = (calls.counts[name] ?? 0) + 1;
      return JSON.parse(text).data;
    } catch (error) {
      if (calls.failures.length < KEPT) calls.failures.push(`${name}: ${(error as Error).message}`);
      throw error;
    } finally {
      calls.longestMs = Math.max(calls.longestMs, performance.now() - from);
    }
  }
}
