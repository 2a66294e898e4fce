import path from 'node:path';
import { type Fleet, startFleet } from '@b2b-charge/stack';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { migrate } from '../../scripts/migrate.ts';
import { requestJson, waitFor } from '../harness.ts';

const stack = new AsyncDisposableStack();
let fleet: Fleet;
beforeAll(async () => {
  fleet = stack.use(
    await startFleet({
      root: path.join(import.meta.dirname, '../..'),
      migrate,
      services: { ledger: 1, credits: 1, reconciler: 1, gateway: 1 },
    }),
  );
}, 120_000);
afterAll(() => stack.disposeAsync());

const health = () => requestJson(fleet.of('gateway')[0]!.url, 'GET', '/api/health/', {});
const becomes = (status: string) => waitFor(async () => (await health()).body.data.status === status, 20_000);
const probe = async (service: Parameters<Fleet['of']>[0], at: '/live' | '/ready') =>
  (await fetch(fleet.of(service)[0]!.process.opsUrl + at)).status;
const services = ['gateway', 'ledger', 'credits', 'reconciler'] as const;

test('all is well: every dependency with its latency, every lane with its owner', async () => {
  await becomes('ok');
  const { status, body } = await health();
  expect(status).toBe(200);
  expect(body.data).toMatchObject({ postgres: 'ok', redis: 'ok', nats: 'ok', ledger: 'ok' });
  expect(Object.keys(body.data.latency_ms)).toEqual(['postgres', 'redis', 'nats', 'log', 'ledger', 'clock']);
  for (const ms of Object.values(body.data.latency_ms)) expect(ms).toBeGreaterThanOrEqual(0);
  expect(body.data.lanes).toMatchObject({ total: 16, without_owner: [], lag_ms: 0 });
  for (const service of services) expect(await probe(service, '/ready'), service).toBe(200);
});

test('Redis away is degraded, not down: everybody stays ready', async () => {
  await fleet.redis.stop();
  await becomes('degraded');
  const { status, body } = await health();
  expect([status, body.data.redis, body.data.postgres]).toEqual([200, 'down', 'ok']);
  for (const service of services) expect(await probe(service, '/ready'), service).toBe(200);
  await fleet.redis.restart();
  await becomes('ok');
});

test('NATS away is down: nobody is ready, everybody lives, and all come back by themselves', async () => {
  await fleet.nats.stop();
  await becomes('down');
  const { status, body } = await health();
  expect([status, body.data.nats, body.data.ledger, body.data.lanes]).toEqual([503, 'down', 'down', null]);
  for (const service of services) {
    expect(await probe(service, '/ready'), service).toBe(503);
    expect(await probe(service, '/live'), service).toBe(200);
  }
  await fleet.nats.restart();
  await becomes('ok');
});

test('a scrape while PostgreSQL is away tells what it can, and ends no process', async () => {
  await fleet.postgres.stop();
  await becomes('down');
  for (const { service, process } of fleet.processes) {
    const response = await fetch(`${process.opsUrl}/metrics`);
    expect(response.status, service).toBe(200);
    expect(await response.text()).toMatch(/^b2b_nats_up 1$/m);
    expect(process.pid, service).not.toBeNull();
  }
  await fleet.postgres.restart();
  await becomes('ok');
});

test('lanes that nobody owns are named; a ledger that hands over leaves them so until the next one comes', async () => {
  const [ledger] = fleet.of('ledger');
  await ledger!.process.stop();
  await becomes('down');
  expect((await health()).body.data).toMatchObject({ nats: 'ok', ledger: 'down', lanes: null });
  await fleet.add('ledger');
  await becomes('ok');
  expect((await health()).body.data.lanes.without_owner).toEqual([]);
});
