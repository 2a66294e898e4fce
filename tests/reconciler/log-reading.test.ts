import { afterEach, beforeEach, expect, inject, test } from 'vitest';
import { startLyingServer } from './lying-server.ts';
import { openScene, type Scene } from './scene.ts';

/** What a consumer says of the log's end, on a server that lags behind its cluster, must not make anything look lost. */
const SALES = 40;
const OPENING = 2; // the vendor opened and credited
let stack: AsyncDisposableStack;
let scene: Scene;

beforeEach(async () => {
  stack = new AsyncDisposableStack();
  scene = stack.use(await openScene());
  await scene.open(1, '1000000');
  for (let n = 1; n <= SALES; n++) await scene.charge(1, `c-${n}`, '100');
});
afterEach(() => stack.disposeAsync());

const NOTHING_PENDING = /("num_pending":)([1-9][0-9]*)/;
/** $JS.ACK.<stream>.<consumer>.<delivered>.<stream seq>.<consumer seq>.<time>.<pending>, and one digit of it. */
const LAST_OF_ALL = /(\$JS\.ACK\.(?:[^. ]+\.){6})([1-9])(?= )/;

test.each([
  ['there is nothing to read', NOTHING_PENDING],
  ['that was the last message', LAST_OF_ALL],
])('a consumer that says %s, though there is more, is not believed', async (_, truth) => {
  let left = 3;
  const told = (all: string, before: string, number: string) =>
    left-- > 0 ? before + '0'.padEnd(number.length) : all;
  const lying = stack.use(
    await startLyingServer(inject('servers').natsUrl, (sent) =>
      left > 0 ? sent.replace(truth, told) : sent,
    ),
  );
  const { run, findings } = await scene.audit({ environment: { NATS_URL: lying.url } });
  expect(findings).toEqual([]);
  expect(run).toMatchObject({ status: 'verified', commands_checked: SALES + OPENING });
  expect(lying.lies).toBe(3);
});

test('a consumer that goes on lying is no loss either: the audit fails, and alarms nobody', async () => {
  const lying = stack.use(
    await startLyingServer(inject('servers').natsUrl, (sent) =>
      sent.replace(NOTHING_PENDING, (_, before, number) => before + '0'.padEnd(number.length)),
    ),
  );
  await expect(scene.audit({ environment: { NATS_URL: lying.url } })).rejects.toThrow(/broke off/);
  expect((await scene.audit()).run).toMatchObject({ status: 'verified', commands_checked: SALES + OPENING });
});
