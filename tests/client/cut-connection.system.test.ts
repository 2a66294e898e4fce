import { PendingError } from '@b2b-charge/client';
import { jetstreamManager } from '@nats-io/jetstream';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { waitFor } from '../harness.ts';
import { charge, type Scene, startScene } from './scene.ts';

const BOUNDS = { waitMs: 15_000, deadlineMs: 15_000 };

let scene: Scene;
beforeAll(async () => {
  scene = await startScene();
  await scene.open([1, 2, 3, 4], '10000.00');
});
afterAll(() => scene?.[Symbol.asyncDispose]());

const roomOf = async (maxBytes: number) => {
  const { nc, subjects } = scene.playground;
  const manager = await jetstreamManager(nc);
  await manager.streams.update(subjects.streams.commands, { max_bytes: maxBytes });
};

test('what was published while the connection was away is published again, and decided once', async () => {
  const { client, proxy } = scene;
  proxy.cut();
  const sends = ['a', 'b', 'c'].map((key) => client.send({ ...charge(1, key), ...BOUNDS }));
  proxy.mend();
  const outcomes = await Promise.all(sends);
  expect(outcomes.map(({ outcome }) => outcome)).toEqual(['posted', 'posted', 'posted']);
  const booked = await scene.booked(1);
  expect(['a', 'b', 'c'].map((key) => booked.get(key))).toEqual([1, 1, 1]);
});

test('a connection that is cut again and again loses no command and doubles none', async () => {
  const { client, proxy } = scene;
  const keys = Array.from({ length: 600 }, (_, index) => `cut-${index}`);
  let taken = 0;
  const cutter = (async () => {
    for (const at of [50, 150, 300, 450]) {
      await waitFor(() => taken >= at, 20_000);
      proxy.cut();
      proxy.mend();
    }
  })();
  for await (const { outcome } of client.sendAll(
    keys.map((key) => charge(2, key)),
    { window: 40, ...BOUNDS },
  )) {
    expect(outcome).toMatchObject({ outcome: 'posted' });
    taken++;
  }
  await cutter;
  const booked = await scene.booked(2);
  expect(keys.filter((key) => booked.get(key) !== 1)).toEqual([]);
});

test('a connection that hangs is noticed, and what was sent into it is sent again', async () => {
  const { client, proxy } = scene;
  proxy.stall();
  const outcome = client.send({ ...charge(1, 'stalled'), ...BOUNDS });
  expect(await outcome).toMatchObject({ outcome: 'posted' });
  expect((await scene.booked(1)).get('stalled')).toBe(1);
});

test('a log that refuses a second copy has not refused the first: the sender stays in doubt', async () => {
  const { client, proxy } = scene;
  proxy.cut();
  const doubtful = client.send({ ...charge(3, 'doubt'), waitMs: 3_000, deadlineMs: 3_000 });
  await roomOf(1);
  proxy.mend();
  await expect(doubtful).rejects.toBeInstanceOf(PendingError);
  await expect(client.send({ ...charge(3, 'refused'), ...BOUNDS })).rejects.toMatchObject({
    code: 'LOG_FULL',
  });
  await roomOf(256 * 1024 ** 2);
});

test('sell goes on under the same key while the log is full, until there is room', async () => {
  const { client } = scene;
  await roomOf(1);
  const refused = Promise.withResolvers<void>();
  const sale = client.sell({ vendorId: 4, messageId: 'full', phoneNumber: '+989121234567', amount: '5.00' });
  void client.send({ ...charge(4, 'probe'), ...BOUNDS }).catch(() => refused.resolve());
  await refused.promise;
  await roomOf(256 * 1024 ** 2);
  expect(await sale).toMatchObject({ outcome: 'posted', transaction: { amount: '5.00' } });
  expect((await scene.booked(4)).get('full')).toBe(1);
});
