import { type AddressInfo, createServer, type Socket } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ok, waitFor } from '../harness.ts';
import type { Answer } from './receiver.ts';
import { type Hook, type Shop, startShop } from './shop.ts';

let shop: Shop;
beforeAll(async () => {
  shop = await startShop({
    WEBHOOK_TIMEOUT_MS: '300',
    WEBHOOK_RETRY_FOR_MS: '400',
    WEBHOOK_CONCURRENCY: '4',
    WEBHOOK_MAX_PENDING: '40',
  });
});
afterAll(() => shop?.[Symbol.asyncDispose]());

const answers = new Map<string, Answer>();
async function hookThat(path: string, answer: Answer, url = shop.receiver.url(path)): Promise<Hook> {
  answers.set(path, answer);
  shop.receiver.answer = (received, response, request) => {
    const own = answers.get(received.path);
    if (own) own(received, response, request);
    else response.writeHead(204).end();
  };
  return shop.hook(await shop.vendor(), url, ['charge-posted']);
}

/** Sells one, and waits until its delivery is dead. */
async function dies(hook: Hook) {
  await shop.sell(hook.vendor, 1);
  const dead = async () => (await shop.deliveries(hook, '&state=dead'))[0];
  await waitFor(async () => (await dead()) !== undefined, 15_000);
  return (await dead())!;
}

test.each<[string, Answer, { last_status: number | null; last_error: string }]>([
  [
    'answers 500',
    (_, response) => response.writeHead(500).end('no'),
    { last_status: 500, last_error: 'answered 500' },
  ],
  [
    'answers 404',
    (_, response) => response.writeHead(404).end(),
    { last_status: 404, last_error: 'answered 404' },
  ],
  ['never answers', () => {}, { last_status: null, last_error: 'no answer within 300 ms' }],
  [
    'resets the connection',
    (_, __, request) => request.socket.resetAndDestroy(),
    { last_status: null, last_error: 'ECONNRESET' },
  ],
  [
    'redirects to a private address',
    (_, response) => response.writeHead(307, { location: 'http://169.254.169.254/latest/meta-data/' }).end(),
    { last_status: 307, last_error: 'answered 307' },
  ],
  [
    'redirects to another of its paths',
    (_, response) => response.writeHead(302, { location: '/elsewhere' }).end(),
    { last_status: 302, last_error: 'answered 302' },
  ],
])('one that %s: tried until its time is over, then dead', async (name, answer, expected) => {
  const hook = await hookThat(`/${name.replaceAll(' ', '-')}`, answer);
  const dead = await dies(hook);
  expect(dead).toMatchObject({ state: 'dead', ...expected });
  expect(dead.attempts).toBeGreaterThanOrEqual(1);
  expect(shop.receiver.at('/elsewhere')).toEqual([]);
  expect(await shop.webhook(hook)).toMatchObject({ enabled: true, pending: 0, failures: dead.attempts });
});

test('headers that drip, and never end, are a time-out; so is a head without an end', async () => {
  const drips: Socket[] = [];
  const server = createServer((socket) => {
    drips.push(socket);
    socket.on('error', () => {});
    socket.write('HTTP/1.1 200 OK\r\n');
    const timer = setInterval(() => socket.write('x-drip: 1\r\n'), 20);
    socket.on('close', () => clearInterval(timer));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const dead = await dies(await hookThat('/drip', () => {}, url));
  expect(dead.last_error).toMatch(/^no answer within 300 ms$|^HPE_HEADER_OVERFLOW$/);
  await waitFor(() => drips.every(({ destroyed }) => destroyed));
  server.close();
});

test('a huge answer, or one whose body drips, is a success at its head, and nobody reads on', async () => {
  let written = 0;
  const closed = Promise.withResolvers<void>();
  const hook = await hookThat('/huge', (_, response) => {
    response.writeHead(200);
    const chunk = Buffer.alloc(65_536);
    const more = () => {
      while (written < 1_000_000_000 && !response.destroyed) {
        written += chunk.length;
        if (!response.write(chunk)) return void response.once('drain', more);
      }
    };
    response.on('error', () => {});
    response.once('close', closed.resolve);
    more();
  });
  await shop.sell(hook.vendor, 1);
  await shop.settled(hook, 1);
  await closed.promise;
  expect(written).toBeLessThan(50_000_000);
  expect(await shop.deliveries(hook)).toMatchObject([{ state: 'delivered', attempts: 1 }]);

  const dripping = await hookThat('/dripping', (_, response) => {
    response.writeHead(200);
    const timer = setInterval(() => response.write('x'), 20);
    response.once('close', () => clearInterval(timer));
  });
  await shop.sell(dripping.vendor, 2);
  await shop.settled(dripping, 2);
  expect((await shop.deliveries(dripping)).map(({ state }) => state)).toEqual(['delivered', 'delivered']);
});

test('410 Gone disables the endpoint at once, and its delivery is dead', async () => {
  const hook = await hookThat('/over', (_, response) => response.writeHead(410).end());
  const dead = await dies(hook);
  expect(dead).toMatchObject({ attempts: 1, last_status: 410 });
  expect(await shop.webhook(hook)).toMatchObject({ enabled: false, disabled_reason: 'gone' });
});

test('what waits beyond the bound is dead at once, and does not grow without end', async () => {
  const open = Promise.withResolvers<void>();
  const hook = await hookThat('/full', (_, response) => {
    void open.promise.then(() => response.writeHead(204).end());
  });
  await shop.sell(hook.vendor, 60);
  await waitFor(async () => (await shop.deliveries(hook)).length === 60);
  const dead = await shop.deliveries(hook, '&state=dead');
  expect(dead.length).toBeGreaterThanOrEqual(15);
  expect(dead.some(({ last_error }) => last_error === 'too many deliveries wait for this webhook')).toBe(
    true,
  );
  expect((await shop.webhook(hook)).pending).toBeLessThanOrEqual(40);
  open.resolve();
  await shop.settled(hook, 60);
});

test('endpoints that hang do not hold up the others', async () => {
  const hanging = await Promise.all([1, 2, 3].map((n) => hookThat(`/hanging-${n}`, () => {})));
  const well = await hookThat('/well', (_, response) => response.writeHead(200).end());
  for (const { vendor } of hanging) await shop.sell(vendor, 5);
  const sold = await shop.sell(well.vendor, 5);
  await shop.settled(well, 5);
  expect(shop.receiver.at('/well').map(({ headers }) => headers['webhook-id'])).toEqual(sold);
});

test('the dead are replayed in their order, one or a span of them, and then come as ever', async () => {
  let broken = true;
  const hook = await hookThat('/mended', (_, response) => response.writeHead(broken ? 503 : 200).end());
  const since = new Date(Date.now() - 1_000).toISOString();
  const sold = await shop.sell(hook.vendor, 5);
  await waitFor(async () => (await shop.deliveries(hook, '&state=dead')).length === 5, 15_000);
  broken = false;
  const list = ok(await shop.system.request('GET', `/api/admin/webhooks/dead/?webhook_id=${hook.id}`));
  expect(list.deliveries.map(({ event_id }: { event_id: string }) => event_id)).toEqual(sold.toReversed());
  const replay = async (body: unknown) =>
    ok(await shop.system.request('POST', '/api/admin/webhooks/dead/replay/', { body }));
  shop.receiver.received.length = 0;
  expect(await replay({ ids: [list.deliveries[0].id] })).toEqual({ replayed: 1, more: false });
  await shop.settled(hook, 5);
  expect(await replay({ webhook_id: hook.id, from: since })).toEqual({ replayed: 4, more: false });
  await shop.settled(hook, 5);
  const order = shop.receiver.at('/mended').map(({ headers }) => headers['webhook-id']);
  expect(order).toEqual([sold[4], ...sold.slice(0, 4)]);
  expect(await replay({ webhook_id: hook.id, from: since })).toEqual({ replayed: 0, more: false });
  expect((await shop.system.request('POST', '/api/admin/webhooks/dead/replay/', { body: {} })).status).toBe(
    400,
  );
});
