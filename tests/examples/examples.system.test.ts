import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { LedgerClient } from '@b2b-charge/client';
import { createSubjects, type MessageId, type VendorId } from '@b2b-charge/contracts';
import { ensureStreams, matchSystemConsumers, startReplay } from '@b2b-charge/runtime';
import { testDatabase } from '@b2b-charge/stack';
import type { NatsConnection } from '@nats-io/transport-node';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { laneOf } from '../../examples/typescript/lane.ts';
import { parseConfig } from '../../services/ledger/src/config.ts';
import { startLedger } from '../../services/ledger/src/service.ts';
import { testLogger } from '../harness.ts';
import { BILLING } from '../nats/access-table.ts';
import { startPermittedServer } from '../nats/server.ts';
import { readDocument } from '../published-schemas.ts';

/** The examples as a stranger runs them: a real ledger, a NATS server with permissions, and a key in a file. */

const ROOT = path.join(import.meta.dirname, '../..');
const MEBIBYTE = 1024 ** 2;
const run = promisify(execFile);
const stack = new AsyncDisposableStack();
let environment: Record<string, string>;
let operator: NatsConnection;

beforeAll(async () => {
  const permitted = stack.use(await startPermittedServer());
  const connect = async (user: 'operator' | 'gateway') =>
    stack.adopt(await permitted.connect(user), (connection) => connection.close());
  const subjects = createSubjects();
  const limits = { replicas: 1, commandsMaxBytes: 64 * MEBIBYTE, eventsMaxBytes: 64 * MEBIBYTE };
  operator = await connect('operator');
  await ensureStreams(operator, subjects, limits);
  await matchSystemConsumers(operator, subjects, [BILLING]);
  const { redisUrl } = inject('servers');
  const database = stack.use(await testDatabase(inject('servers')));
  const config = parseConfig({
    DATABASE_URL: database.urls.ledger,
    REDIS_URL: redisUrl,
    PHONE_SALT_KEY: Buffer.alloc(32, 9).toString('base64'),
    NATS_URL: permitted.server.url,
    NATS_NKEY_SEED: permitted.seedOf('ledger'),
    LOG_LEVEL: 'error',
  });
  stack.use(await startLedger(config, testLogger('ledger')));
  const nc = await connect('gateway');
  const client = stack.use(
    new LedgerClient({ nc, subjects, source: 'gateway', clientId: 'test', lanes: 16 }),
  );
  const send = (messageId: string, command: Parameters<LedgerClient['send']>[0]['command']) =>
    client.send({
      vendorId: 12 as VendorId,
      messageId: messageId as MessageId,
      command,
      waitMs: 8_000,
      deadlineMs: 8_000,
    });
  await send('open', { type: 'open-vendor', name: 'TechCorp' });
  await send('credit', { type: 'credit', amount: '100000.00' });
  const folder = mkdtempSync(path.join(tmpdir(), 'b2b-charge-examples-'));
  stack.defer(() => rmSync(folder, { recursive: true, force: true }));
  const seedFile = path.join(folder, 'NATS_NKEY_SEED');
  writeFileSync(seedFile, `${permitted.seedOf('billing')}\n`, { mode: 0o600 });
  environment = {
    PATH: process.env.PATH ?? '',
    NATS_URL: permitted.server.url,
    NATS_NKEY_SEED_FILE: seedFile,
    PYTHONDONTWRITEBYTECODE: '1',
    PYTHONPATH: process.env.PYTHONPATH ?? '',
  };
});
afterAll(() => stack.disposeAsync());

const node = async (name: string, ...args: string[]): Promise<string> => {
  const program = path.join(ROOT, 'examples/typescript', name);
  return (await run(process.execPath, [program, ...args], { env: environment, timeout: 25_000 })).stdout;
};

const python = async (...args: string[]): Promise<string> => {
  const cwd = path.join(ROOT, 'examples/python');
  return (await run('python3', args, { cwd, env: environment, timeout: 25_000 })).stdout;
};
const isRunBy = (program: string) =>
  run('python3', ['-c', program]).then(
    () => true,
    () => false,
  );
const hasPython = await isRunBy('');
const hasModules = await isRunBy('import nats, nkeys');

test('the lanes are those of the published vectors', () => {
  for (const { vendor, lanes } of readDocument('lane-vectors.json').vectors) {
    for (const [count, lane] of Object.entries(lanes)) expect(laneOf(vendor, Number(count))).toBe(lane);
  }
});

describe('in TypeScript', () => {
  test('a sale is sold once, however often it is sent', async () => {
    const first = JSON.parse(await node('sell.ts', '12', '+989123456789', '5000.00', 'order-1'));
    expect(first).toMatchObject({ outcome: 'posted', replayed: false, transaction: { source: 'billing' } });
    const again = JSON.parse(await node('sell.ts', '12', '+989123456789', '5000.00', 'order-1'));
    expect(again).toEqual({ ...first, replayed: true });
  });

  test('the events of the vendor come once, and again from a point', async () => {
    const lines = (await node('follow.ts', '12', '3')).trim().split('\n');
    expect(lines.map((line) => line.split(' ')[0])).toEqual(
      ['open-vendor', 'credit', 'charge'].map((type) => `ledger.events.12.${type}-posted`),
    );
    await node('sell.ts', '12', '+989123456789', '1.00', 'order-2');
    expect(await node('follow.ts', '12', '1')).toContain('"message_id":"order-2"');
    await startReplay(operator, createSubjects(), { system: BILLING, vendor: 12, from: 'first' });
    const replayed = await node('follow.ts', '12', '4', 'replay');
    expect(replayed.trim().split('\n').slice(0, 3)).toEqual(lines);
  });

  test('another vendor is out of reach', async () => {
    const failure: { stderr: string } = await node('follow.ts', '13', '1').catch((error) => error);
    expect(failure.stderr).toMatch(/permission/i);
  });
});

describe('in Python', () => {
  test.runIf(hasPython)(
    'the programs are Python, and the lanes are those of the published vectors',
    async () => {
      const vectors = path.join(ROOT, 'docs/lane-vectors.json');
      expect(await python('lane.py', vectors)).toMatch(/^\d{2,} lanes are right/);
      const parse =
        "import ast, sys; [ast.parse(open(name).read(), name) for name in sys.argv[1:]]; print('ok')";
      const programs = ['lane.py', 'connection.py', 'sell.py', 'follow.py'];
      expect(await python('-c', parse, ...programs)).toBe('ok\n');
    },
  );

  test.runIf(hasModules)('a sale is sold once, and its event comes', async () => {
    const unknown = await python('sell.py', '15', '+989123456789', '5000.00', 'py-1');
    expect(JSON.parse(unknown)).toMatchObject({ outcome: 'dead-letter', reason: 'UNKNOWN_VENDOR' });
    const posted = JSON.parse(await python('sell.py', '12', '+989123456789', '2.00', 'py-1'));
    expect(posted).toMatchObject({ outcome: 'posted', transaction: { message_id: 'py-1' } });
    expect(await python('follow.py', '12', '1')).toContain('ledger.events.12.');
  });
});
