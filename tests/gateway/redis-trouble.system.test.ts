import { startRedis, temporaryServerOptions } from '@b2b-charge/stack';
import { Redis } from 'ioredis';
import { afterEach, expect, test } from 'vitest';
import type { Caller } from './caller.ts';
import { CuttableProxy } from './proxy.ts';
import { startSystem } from './system.ts';

/** A Redis that answers and takes no write. Each test has servers of its own. */
let stack = new AsyncDisposableStack();
afterEach(async () => {
  const used = stack;
  stack = new AsyncDisposableStack();
  await used.disposeAsync();
});

const sale = (amount: number) => ({ phone_number: '+989123456789', amount });

async function startServer(): Promise<{ url: string; client: Redis }> {
  const options = stack.use(temporaryServerOptions());
  const server = await startRedis({ ...options, persistent: false });
  stack.defer(() => server.stop());
  return { url: server.url, client: stack.adopt(new Redis(server.url), async (one) => one.disconnect()) };
}
const redisIs = (api: Caller, state: string) =>
  api.waitFor('/api/health/', ({ status, data }) => status === 200 && data?.redis === state);
const statusOf = async (api: Caller, amount: number) => (await api.sell(sale(amount))).status;

test('a failover: the client leaves the server that became a replica, and sales without a key go on', async () => {
  const [old, next] = [await startServer(), await startServer()];
  const { proxy, url } = await CuttableProxy.to(old.url);
  stack.use(proxy);
  const system = stack.use(
    await startSystem({ gateway: { REDIS_URL: url.replace(/:[^:@]*@/, `:${new URL(old.url).password}@`) } }),
  );
  const { api } = await system.vendor({ balance: '5000.00' });
  await redisIs(api, 'ok');
  await old.client.config('SET', 'masterauth', new URL(next.url).password);
  await next.client.config('SET', 'requirepass', new URL(old.url).password);
  await old.client.replicaof('127.0.0.1', Number(new URL(next.url).port));
  await redisIs(api, 'down');
  expect(await statusOf(api, 100)).toBe(503);
  expect((await api.sell(sale(101), 'with-a-key')).status).toBe(200);
  proxy.lead(next.url);
  await redisIs(api, 'ok');
  expect(await statusOf(api, 100)).toBe(200);
});

test('out of memory: degraded, sales without a key get 503 only as long as it lasts', async () => {
  const { url, client } = await startServer();
  const system = stack.use(await startSystem({ gateway: { REDIS_URL: url } }));
  const { api } = await system.vendor({ balance: '5000.00' });
  await redisIs(api, 'ok');
  await client.config('SET', 'maxmemory-policy', 'noeviction');
  await client.config('SET', 'maxmemory', '1');
  await redisIs(api, 'down');
  expect((await api.get('/api/health/')).data.status).toBe('degraded');
  expect(await statusOf(api, 100)).toBe(503);
  expect((await api.sell(sale(101), 'with-a-key')).status).toBe(200);
  expect((await api.get('/api/metrics/')).text).toMatch(/^b2b_gateway_check_ok\{check="redis"\} 0$/m);
  await client.config('SET', 'maxmemory', '100mb');
  await redisIs(api, 'ok');
  expect(await statusOf(api, 100)).toBe(200);
});
