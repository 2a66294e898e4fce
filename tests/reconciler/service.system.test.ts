import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { CallName, CallRequest } from '@b2b-charge/contracts';
import { call, createPool } from '@b2b-charge/runtime';
import { freePort } from '@b2b-charge/stack';
import type { NatsConnection } from '@nats-io/transport-node';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { parseConfig } from '../../services/reconciler/src/config.ts';
import { verifyReceipt } from '../../services/reconciler/src/receipts/verify-receipt.ts';
import { startReconciler } from '../../services/reconciler/src/service.ts';
import {
  beginRun,
  FencedOffError,
  finishRun,
  reportProgress,
} from '../../services/reconciler/src/store/runs.ts';
import { testLogger, waitFor } from '../harness.ts';
import { asOwner, connectAs, openScene, type Scene } from './scene.ts';

const stack = new AsyncDisposableStack();
let scene: Scene;
let office: NatsConnection;

beforeAll(async () => {
  scene = stack.use(await openScene());
  office = stack.adopt(await connectAs('backoffice'), (nc) => nc.close());
  for (const vendor of [1, 2]) await scene.open(vendor, '1000000');
});
afterAll(() => stack.disposeAsync());

const start = (extra: Record<string, string> = {}) =>
  startReconciler(
    parseConfig(
      scene.playground.environment('reconciler', {
        SIGNING_KEY_FILE: scene.keyFile,
        AUDIT_LOG_SETTLE_MS: '0',
        ...extra,
      }),
    ),
    testLogger('reconciler'),
  );
const ask = <N extends CallName>(name: N, request: CallRequest<N>) =>
  call({ nc: office, subjects: scene.playground.subjects, timeoutMs: 20_000 }, name, request);
const query = async <R>(sql: string, values: unknown[] = []) =>
  asOwner(
    scene.playground.database.adminUrl,
    async (client) => (await client.query(sql, values)).rows as R[],
  );
const reconcilerPool = () =>
  createPool({
    url: scene.playground.database.urls.reconciler,
    applicationName: 'test',
    max: 2,
    statementTimeoutMs: 5_000,
  });

test('calls: run, list, read as data and text, verify a vendor, receipt, keys, checkpoint', async () => {
  await using _service = await start();
  const run = await ask('audit.run', { by: 'sara', wait_ms: 20_000 });
  expect(run).toMatchObject({ status: 'verified', trigger: 'call', started_by: 'sara', vendors_checked: 2 });
  const { runs } = await ask('audit.runs', {});
  expect(runs[0]).toEqual(run);
  const report = await ask('audit.report', { run_id: run.run_id });
  expect(report).toMatchObject({ run, findings: [], body: null });
  expect((await ask('audit.report', { format: 'text' }))?.body).toContain('- Verified Accounts: 2');
  expect(await ask('audit.report', { run_id: 4711 })).toBeNull();
  expect(await ask('audit.verify', { vendor_id: 1 })).toMatchObject({
    level: 'VERIFIED',
    balance: '1000000.00',
    calculated_balance: '1000000.00',
    discrepancy: '0.00',
  });
  expect(await ask('audit.verify', { vendor_id: 4711 })).toBeNull();
  const { keys } = await ask('audit.keys', {});
  expect(keys).toMatchObject([{ current: true }]);
  expect(await ask('audit.checkpoint', {})).toEqual(report?.checkpoint);
  const sold = await scene.charge(1, 'sold', '100');
  if (sold.outcome !== 'posted') throw new Error('not sold');
  const receipt = await ask('audit.receipt', {
    vendor_id: 1,
    transaction_id: sold.transaction.transaction_id,
  });
  expect(verifyReceipt(receipt!, keys[0]!.public_key)).toMatchObject({ valid: true });
  expect(
    await ask('audit.receipt', { vendor_id: 2, transaction_id: sold.transaction.transaction_id }),
  ).toBeNull();
});

test('replicas that wake up for the same instant run once', async () => {
  const everySecond = { AUDIT_ON_SCHEDULE: 'true', AUDIT_SCHEDULE: '* * * * * *' };
  await using _one = await start(everySecond);
  await using _two = await start(everySecond);
  const instants = () =>
    query<{ scheduled_for: Date; runs: number }>(
      `SELECT scheduled_for, count(*)::int AS runs FROM reconciler.runs
       WHERE trigger = 'schedule:incremental' AND status = 'verified' GROUP BY scheduled_for`,
    );
  await waitFor(async () => (await instants()).length >= 3);
  expect((await instants()).map(({ runs }) => runs)).toEqual(expect.arrayContaining([1, 1, 1]));
  expect((await instants()).filter(({ runs }) => runs !== 1)).toEqual([]);
  expect((await instants()).every(({ scheduled_for: instant }) => instant.getMilliseconds() === 0)).toBe(
    true,
  );
});

test('one run at a time: a second is refused while the lock is held', async () => {
  await using _service = await start();
  await using redis = new AsyncDisposableStack();
  const client = redis.adopt(new Redis(inject('servers').redisUrl), async (one) => one.disconnect());
  const key = `${scene.playground.namespace}lock:audit`;
  await client.set(key, 'someone else', 'PX', 10_000);
  await expect(ask('audit.run', { by: 'sara' })).rejects.toMatchObject({ code: 'RUN_IN_PROGRESS' });
  await client.del(key);
  expect(await ask('audit.run', { by: 'sara', wait_ms: 20_000 })).toMatchObject({ status: 'verified' });
  expect(await client.exists(key)).toBe(0);
});

test('a run that was overtaken writes nothing any more', async () => {
  await using pool = Object.assign(reconcilerPool(), {
    async [Symbol.asyncDispose](this: ReturnType<typeof reconcilerPool>) {
      await this.end();
    },
  });
  const options = { mode: 'full', vendorId: null, trigger: 'test', startedBy: 'test' } as const;
  const paused = await beginRun(pool, options);
  const overtaker = await beginRun(pool, options);
  const [known] = (await verifiedRuns())!;
  const end = { report: known!, findings: [], checkpoint: null };
  await expect(finishRun(pool, paused, end)).rejects.toThrow(FencedOffError);
  await expect(reportProgress(pool, paused, 0.5)).rejects.toThrow(FencedOffError);
  await finishRun(pool, overtaker, end);
  const rows = await query<{ status: string }>(
    'SELECT status FROM reconciler.runs WHERE run_id = ANY ($1) ORDER BY run_id',
    [[paused.runId, overtaker.runId]],
  );
  expect(rows.map(({ status }) => status)).toEqual(['failed', known!.status]);
});

async function verifiedRuns() {
  await using _service = await start();
  return (await ask('audit.runs', { status: 'verified' })).runs;
}

test('a critical audit alarms: metric, webhook and log; a fixed one is calm again', async () => {
  const alarms: { event: string; findings: { check: string }[] }[] = [];
  const server = createServer((request, response) => {
    request.setEncoding('utf8');
    let body = '';
    request.on('data', (text) => (body += text));
    request.on('end', () => {
      // The first attempt is refused: it is tried again.
      if (alarms.push(JSON.parse(body)) === 1) response.statusCode = 503;
      response.end();
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  const opsPort = await freePort();
  await using _service = await start({
    ALERT_WEBHOOK_URL: `http://127.0.0.1:${port}/`,
    OPS_PORT: String(opsPort),
    LOG_LEVEL: 'silent',
  });
  const change = (by: number) =>
    query('UPDATE ledger.vendors SET balance = balance + $1 WHERE vendor_id = 2', [by]);
  await change(100_000_000);
  expect(await ask('audit.run', { by: 'sara', wait_ms: 20_000 })).toMatchObject({ status: 'critical' });
  const metrics = async () => (await fetch(`http://127.0.0.1:${opsPort}/metrics`)).text();
  expect(await metrics()).toMatch(/b2b_audit_vendors\{level="critical"\} 1/);
  expect(await metrics()).toMatch(/b2b_audit_late_seconds\{schedule="full"\} 0/);
  await waitFor(() => alarms.length === 2);
  expect(alarms[1]).toMatchObject({
    event: 'audit.critical',
    findings: expect.arrayContaining([expect.objectContaining({ check: 'stored-balance' })]),
  });
  await change(-100_000_000);
  expect(await ask('audit.run', { by: 'sara', wait_ms: 20_000 })).toMatchObject({ status: 'verified' });
  expect(await metrics()).toMatch(/b2b_audit_vendors\{level="critical"\} 0/);
  server.close();
});

test('without Redis the audit goes on and says what it could not compare', async () => {
  const { run } = await scene.audit({ environment: { REDIS_URL: 'redis://127.0.0.1:1' } });
  expect(run.status).toBe('verified');
  expect(run.notes).toEqual(['Redis is away: its balance copies were not compared']);
});

test('without a key file every audit is full and vouches for nothing', async () => {
  const { run, checkpoint } = await scene.audit({ environment: { SIGNING_KEY_FILE: '' } });
  expect(run).toMatchObject({ status: 'verified', mode: 'full' });
  expect(checkpoint).toBeNull();
});
