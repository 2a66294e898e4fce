import { setTimeout as sleep } from 'node:timers/promises';
import { SERVICES, type ServiceName } from '@b2b-charge/contracts';
import type { Fleet } from '@b2b-charge/stack';
import { waitFor } from '../harness.ts';

type Asked = Exclude<ServiceName, 'gateway'>;

/** What is asked of each service's own database, by way of the back office. */
const QUESTIONS: Record<Asked, string> = {
  backoffice: '/api/admin/vendors/1/tokens/',
  ledger: '/api/admin/vendors/1/',
  credits: '/api/admin/credits/',
  webhooks: '/api/admin/vendors/1/webhooks/',
  reconciler: '/api/admin/reports/',
};

export const ASKED = SERVICES.filter((service) => service !== 'gateway');

const PAUSE_MS = 10;
const WITHIN_MS = 40_000;

/** Ask every service something, without end, and keep what they were answered. */
export class Askers implements AsyncDisposable {
  /** Of all answers. */
  readonly statuses = new Set<number>();
  readonly #last = new Map<Asked, number>();
  readonly #end = new AbortController();
  readonly #running: Promise<unknown>;

  /** Several at once for each service: some are in the middle of a query when it breaks. */
  private constructor(url: string, token: string, each: number) {
    this.#running = Promise.all(
      ASKED.flatMap((service) => Array.from({ length: each }, () => this.#ask(service, url, token))),
    );
  }

  static open(fleet: Fleet): Askers {
    const [backoffice] = fleet.of('backoffice');
    return new Askers(backoffice!.url, fleet.secrets.admin.token, 2);
  }

  /** Until every service has answered so, to a question that was asked since. */
  async allSay(status: number): Promise<void> {
    await Promise.all(ASKED.map((service) => this.says(service, status)));
  }

  async says(service: Asked, status: number): Promise<void> {
    this.#last.delete(service);
    await waitFor(() => this.#last.get(service) === status, WITHIN_MS);
  }

  async #ask(service: Asked, url: string, token: string): Promise<void> {
    while (!this.#end.signal.aborted) {
      const response = await fetch(`${url}${QUESTIONS[service]}`, {
        headers: { authorization: `Bearer ${token}` },
      });
      await response.arrayBuffer();
      this.statuses.add(response.status);
      this.#last.set(service, response.status);
      await sleep(PAUSE_MS);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#end.abort();
    await this.#running;
  }
}
