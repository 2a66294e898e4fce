import { ensureStreams } from '@b2b-charge/runtime';
import { jetstreamManager } from '@nats-io/jetstream';
import { afterEach, expect, test, vi } from 'vitest';
import type { Caller } from './caller.ts';
import { type System, startSystem } from './system.ts';

/** /api/health/ tells what a sale would meet. Each test has a system of its own. */
let stack = new AsyncDisposableStack();
afterEach(async () => {
  vi.restoreAllMocks();
  const used = stack;
  stack = new AsyncDisposableStack();
  await used.disposeAsync();
});

const MEBIBYTE = 1024 ** 2;
const LIMITS = { replicas: 1, commandsMaxBytes: 256 * MEBIBYTE, eventsMaxBytes: 256 * MEBIBYTE };
const sale = (amount: number) => ({ phone_number: '+989123456789', amount });

async function start(): Promise<{ system: System; api: Caller; check(name: string): Promise<string> }> {
  const system = stack.use(await startSystem());
  const { api } = await system.vendor({ balance: '5000.00' });
  await api.waitFor('/api/health/', ({ data }) => data?.status === 'ok');
  const check = async (name: string) =>
    new RegExp(`^b2b_gateway_check_ok\\{check="${name}"\\} (\\d)`, 'm').exec(
      (await api.get('/api/metrics/')).text,
    )![1]!;
  return { system, api, check };
}
const streamsOf = async ({ base }: System) => (await jetstreamManager(base.playground.nc)).streams;

test('the command stream is gone: down, as the sale is', async () => {
  const { system, api, check } = await start();
  const { subjects, nc } = system.base.playground;
  expect(await check('log')).toBe('1');
  await (await streamsOf(system)).delete(subjects.streams.commands);
  const down = await api.waitFor('/api/health/', ({ status }) => status === 503);
  expect(down.data).toMatchObject({ status: 'down', log: 'down', nats: 'ok' });
  // Pending if the server sends no "no responders" across accounts, as nats-server 2.9 does not.
  const sold = await api.sell(sale(100), 'gone');
  expect([sold.status, sold.code ?? sold.data.status]).toEqual(
    sold.status === 202 ? [202, 'PENDING'] : [503, 'UNAVAILABLE'],
  );
  expect(await check('log')).toBe('0');
  await ensureStreams(nc, subjects, LIMITS);
  await api.waitFor('/api/health/', ({ data }) => data?.status === 'ok');
  expect((await api.sell(sale(100), 'gone')).status).toBe(200);
  expect((await api.get('/api/vendors/balance/')).data.balance).toBe(4_900);
});

test('the command stream is full: down until there is room; health itself writes nothing', async () => {
  const { system, api } = await start();
  const streams = await streamsOf(system);
  const name = system.base.playground.subjects.streams.commands;
  const before = await streams.info(name);
  await streams.update(name, { max_bytes: before.state.bytes });
  const down = await api.waitFor('/api/health/', ({ status }) => status === 503);
  expect(down.data).toMatchObject({ log: 'down', ledger: 'ok' });
  expect((await api.sell(sale(100), 'full')).status).toBe(503);
  await streams.update(name, { max_bytes: before.config.max_bytes });
  await api.waitFor('/api/health/', ({ data }) => data?.status === 'ok');
  expect((await streams.info(name)).state.last_seq).toBe(before.state.last_seq);
  expect((await api.sell(sale(100), 'full')).status).toBe(200);
});

test.each([90_000, -90_000])(
  'the clock is %d ms off: down, and nothing is sold until it is right',
  async (off) => {
    const { api, check } = await start();
    const real = Date.now;
    const skewed = vi.spyOn(Date, 'now').mockImplementation(() => real() + off);
    const down = await api.waitFor('/api/health/', ({ status }) => status === 503);
    expect(down.data).toMatchObject({ status: 'down', clock: 'down', ledger: 'ok' });
    const refused = await api.sell(sale(100), 'skewed');
    expect([refused.status, refused.code]).toEqual([503, 'UNAVAILABLE']);
    expect(await check('clock')).toBe('0');
    const offset = /^b2b_clock_offset_seconds (\S+)/m.exec((await api.get('/api/metrics/')).text)![1];
    expect(Math.abs(Number(offset) - off / 1_000)).toBeLessThan(1);
    skewed.mockRestore();
    await api.waitFor('/api/health/', ({ data }) => data?.status === 'ok');
    expect((await api.sell(sale(100), 'skewed')).status).toBe(200);
  },
);
