import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  type ServiceName,
  WEBHOOK_EVENT_TYPES,
  type Webhook,
  type WebhookDelivery,
} from '@b2b-charge/contracts';
import { ok, type System, startSystem, type TestVendor, waitFor } from '../harness.ts';
import { Receiver } from './receiver.ts';

export interface Hook {
  readonly id: number;
  readonly secret: string;
  readonly vendor: TestVendor;
}

/** The system with webhooks that may go to this machine, and a vendor's server. */
export interface Shop extends AsyncDisposable {
  readonly system: System;
  readonly receiver: Receiver;
  vendor(): Promise<TestVendor>;
  hook(vendor: TestVendor, url: string, types?: readonly string[]): Promise<Hook>;
  /** Sells this many, one after the other; the transactions' ids. */
  sell(vendor: TestVendor, count: number): Promise<string[]>;
  webhook(hook: Hook): Promise<Webhook>;
  deliveries(hook: Hook, query?: string): Promise<WebhookDelivery[]>;
  /** Until it has had so many deliveries, and none of them waits. */
  settled(hook: Hook, deliveries: number): Promise<void>;
}

/** Short times, so that a day's retrying passes in a test. */
export const SETTINGS = {
  WEBHOOK_ALLOW_HTTP: 'true',
  WEBHOOK_PORTS: '1-65535',
  WEBHOOK_ALLOW_PRIVATE: '127.0.0.0/8',
  WEBHOOK_TIMEOUT_MS: '1000',
  WEBHOOK_RETRY_FIRST_MS: '50',
  WEBHOOK_RETRY_MAX_MS: '200',
  WEBHOOK_POLL_MS: '50',
};

const SERVICES: readonly ServiceName[] = ['ledger', 'credits', 'webhooks', 'gateway'];
let sales = 0;

export async function startShop(
  settings: Record<string, string> = {},
  services: readonly ServiceName[] = SERVICES,
): Promise<Shop> {
  await using stack = new AsyncDisposableStack();
  const receiver = stack.use(await Receiver.start());
  const logDir = await mkdtemp(path.join(tmpdir(), 'gateway-logs-'));
  stack.defer(() => rm(logDir, { recursive: true, force: true }));
  const gateway = { RATE_LIMIT_POINTS: '100000', LOG_DIR: logDir };
  const environment = { webhooks: { ...SETTINGS, ...settings }, gateway };
  const system = stack.use(await startSystem({ services, environment }));
  const running = stack.move();
  const shop: Omit<Shop, typeof Symbol.asyncDispose> = {
    system,
    receiver,
    vendor: () => system.createVendor({ balance: '100000.00' }),
    hook: async (vendor, url, event_types = WEBHOOK_EVENT_TYPES) => {
      const body = { url, event_types };
      const made = ok(await system.request('POST', '/api/webhooks/', { token: vendor.token, body }));
      return { id: made.webhook.id, secret: made.secret, vendor };
    },
    sell: async ({ token }, count) => {
      const ids: string[] = [];
      for (let n = 0; n < count; n++) {
        const body = { phone_number: '+989123456789', amount: 1, idempotency_key: `sale-${sales++}` };
        ids.push(ok(await system.request('POST', '/api/charges/sell/', { token, body })).transaction_id);
      }
      return ids;
    },
    webhook: async ({ id, vendor }) => {
      const { webhooks } = ok(await system.request('GET', '/api/webhooks/', { token: vendor.token }));
      return webhooks.find((one: Webhook) => one.id === id);
    },
    deliveries: async ({ id, vendor }, query = '') => {
      const target = `/api/webhooks/deliveries/?webhook_id=${id}&limit=1000${query}`;
      return ok(await system.request('GET', target, { token: vendor.token })).deliveries;
    },
    settled: (hook, count) =>
      waitFor(async () => {
        const known = await shop.deliveries(hook);
        return known.length === count && (await shop.webhook(hook)).pending === 0;
      }, 20_000),
  };
  return { ...shop, [Symbol.asyncDispose]: () => running.disposeAsync() };
}
