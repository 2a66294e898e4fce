import { type ChildProcess, spawn } from 'node:child_process';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { waitFor } from '../harness.ts';
import { SETTINGS, type Shop, startShop } from './shop.ts';

const MAIN = path.join(import.meta.dirname, '../../services/webhooks/src/main.ts');

let shop: Shop;
const children: ChildProcess[] = [];
beforeAll(async () => {
  shop = await startShop({}, ['ledger', 'credits', 'gateway']);
});
afterAll(async () => {
  for (const child of children) child.kill('SIGKILL');
  await shop?.[Symbol.asyncDispose]();
});

/** The service in a process of its own, which can be killed. Resolves when it answers calls. */
async function spawnWebhooks(): Promise<ChildProcess> {
  const environment = shop.system.playground.environment('webhooks', { ...SETTINGS, LOG_LEVEL: 'info' });
  const env = { PATH: process.env.PATH, ...environment };
  const child = spawn(process.execPath, [MAIN], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  children.push(child);
  let told = '';
  child.stdout!.setEncoding('utf8').on('data', (text: string) => {
    told += text;
  });
  await waitFor(() => told.includes('"started"'), 15_000);
  return child;
}

test('killed in the middle of a delivery: another sends it once more under the same id, and all come in order', async () => {
  const first = await spawnWebhooks();
  const vendor = await shop.vendor();
  const hook = await shop.hook(vendor, shop.receiver.url('/killed'), ['charge-posted']);
  const killedAt = 5;
  shop.receiver.answer = ({ path }, response) => {
    // The sixth is never answered to the first process.
    if (path === '/killed' && shop.receiver.at('/killed').length === killedAt + 1) return;
    response.writeHead(204).end();
  };
  const sold = await shop.sell(vendor, 12);
  await waitFor(() => shop.receiver.at('/killed').length === killedAt + 1);
  first.kill('SIGKILL');
  await spawnWebhooks();
  const later = await shop.sell(vendor, 3);
  await waitFor(() => shop.receiver.at('/killed').length >= 16, 20_000);
  await shop.settled(hook, 15);
  const received = shop.receiver.at('/killed');
  const ids = received.map(({ headers }) => headers['webhook-id']);
  const all = [...sold, ...later];
  expect(ids).toEqual([...all.slice(0, killedAt + 1), ...all.slice(killedAt)]);
  expect(received[killedAt]!.body).toBe(received[killedAt + 1]!.body);
});

test('two at once share the endpoints, and each endpoint has one hand at a time', async () => {
  await spawnWebhooks();
  const hooks = await Promise.all(
    Array.from({ length: 6 }, async (_, n) => {
      const vendor = await shop.vendor();
      return shop.hook(vendor, shop.receiver.url(`/shared-${n}`), ['charge-posted']);
    }),
  );
  shop.receiver.answer = (_received, response) => setTimeout(() => response.writeHead(204).end(), 5);
  const sold = await Promise.all(hooks.map(({ vendor }) => shop.sell(vendor, 10)));
  for (const [n, hook] of hooks.entries()) {
    await shop.settled(hook, 10);
    const path = `/shared-${n}`;
    expect(shop.receiver.at(path).map(({ headers }) => headers['webhook-id'])).toEqual(sold[n]);
    expect(shop.receiver.mostAtOnce.get(path)).toBe(1);
  }
});

test('asked to stop, it breaks off what hangs, and leaves the delivery to the next at once', async () => {
  for (const child of children) child.kill('SIGTERM');
  await waitFor(() => children.every(({ exitCode, signalCode }) => exitCode !== null || signalCode !== null));
  const only = await spawnWebhooks();
  const vendor = await shop.vendor();
  const hook = await shop.hook(vendor, shop.receiver.url('/stopped'), ['charge-posted']);
  shop.receiver.answer = (_received, response) => {
    if (shop.receiver.at('/stopped').length > 1) response.writeHead(204).end();
  };
  await shop.sell(vendor, 1);
  await waitFor(() => shop.receiver.at('/stopped').length === 1);
  only.kill('SIGTERM');
  await waitFor(() => only.exitCode !== null);
  expect(only.exitCode).toBe(0);
  await spawnWebhooks();
  await shop.settled(hook, 1);
  expect((await shop.deliveries(hook))[0]).toMatchObject({ state: 'delivered', attempts: 1 });
});
