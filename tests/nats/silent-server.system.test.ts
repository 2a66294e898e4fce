import { connectNats } from '@b2b-charge/runtime';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { CuttableProxy } from '../gateway/proxy.ts';
import { waitFor } from '../harness.ts';

const WITHIN_MS = 25_000;
/** More than the kernel's buffers take on both sides of the proxy. */
const TOO_MUCH = { messages: 64, bytes: 512 * 1_024 };

const stack = new AsyncDisposableStack();
const ways: { proxy: CuttableProxy; url: string }[] = [];
beforeAll(async () => {
  for (const _ of [1, 2]) {
    const way = await CuttableProxy.to(inject('servers').natsUrl);
    stack.use(way.proxy);
    ways.push(way);
  }
});
afterAll(() => stack.disposeAsync());

test('a server that went silent is left for another one at once, however much is still to be sent to it', async () => {
  const nkeySeed = inject('servers').natsSeeds.operator;
  const nc = await connectNats({ user: 'operator', url: ways.map(({ url }) => url).join(','), nkeySeed });
  try {
    const silent = nc.getServer();
    // Whoever comes to it anew is served: only the client's own choice takes it to the other one.
    ways.find(({ url }) => url.endsWith(silent))!.proxy.stall();
    const payload = new Uint8Array(TOO_MUCH.bytes);
    for (let sent = 0; sent < TOO_MUCH.messages; sent++) nc.publish('nobody.listens', payload);
    let left: string | undefined;
    void (async () => {
      for await (const status of nc.status()) if (status.type === 'reconnect') left ??= status.server;
    })();
    await waitFor(() => left !== undefined, WITHIN_MS);
    expect(left).not.toBe(silent);
    expect(ways.some(({ url }) => url.endsWith(left!))).toBe(true);
  } finally {
    await nc.close();
  }
});
