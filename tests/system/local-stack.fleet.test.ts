import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { type CallReply, createSubjects } from '@b2b-charge/contracts';
import { connectNats } from '@b2b-charge/runtime';
import {
  emptyStackFolder,
  holdPreferredPorts,
  openStackFolder,
  type StackFile,
  serverSources,
  signalPart,
} from '@b2b-charge/stack';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { waitFor } from '../harness.ts';

const ROOT = path.resolve(import.meta.dirname, '../..');
const run = promisify(execFile);
/** Servers in containers take a while on a machine with much else to do. */
const UP_WITHIN_MS = 150_000;

let ports: Disposable;
let folder: string;
let environment: NodeJS.ProcessEnv;
let supervisor: ChildProcess;
let output = '';

const stack = (): StackFile => JSON.parse(readFileSync(path.join(folder, 'stack.json'), 'utf8'));
const idOf = (name: string) => stack().containers[name] ?? stack().pids[name];
const script = (name: string, ...args: string[]) => [path.join(ROOT, 'scripts', name), ...args];

async function start(): Promise<void> {
  output = '';
  supervisor = spawn(process.execPath, script('start.ts', '--port', '18080'), { env: environment });
  supervisor.stdout!.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  supervisor.stderr!.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  await waitFor(
    () => supervisor.exitCode !== null || output.includes('Ctrl-C stops everything'),
    UP_WITHIN_MS,
  );
  if (supervisor.exitCode !== null) throw new Error(output);
}

async function stop(): Promise<void> {
  supervisor.kill('SIGINT');
  await waitFor(() => supervisor.exitCode !== null || supervisor.signalCode !== null, 20_000);
}

beforeAll(async () => {
  ports = await holdPreferredPorts();
  folder = mkdtempSync(path.join(tmpdir(), 'b2b-charge-local-'));
  chmodSync(folder, 0o711);
  // Servers of its own, whatever the rest of the run uses: they are about to be killed.
  environment = { ...process.env, LOCAL_DIR: folder };
  for (const name of ['DATABASE_URL', 'NATS_URL', 'REDIS_URL', 'LOG_LEVEL']) delete environment[name];
  await start();
}, UP_WITHIN_MS + 30_000);

afterAll(async () => {
  await stop();
  ports[Symbol.dispose]();
  // Servers that were found in containers have volumes.
  await emptyStackFolder(openStackFolder(folder), serverSources(environment));
  rmSync(folder, { recursive: true, force: true, maxRetries: 10 });
});

test('the printed curl line sells a charge', async () => {
  const line = output.split('\n').find((text) => text.trimStart().startsWith('curl '));
  const { stdout } = await run('bash', ['-c', line!]);
  expect(JSON.parse(stdout)).toMatchObject({
    success: true,
    data: { amount: 5000, balance_before: 1_000_000 },
  });
  expect(statSync(path.join(folder, 'stack.json')).mode & 0o777).toBe(0o600);
});

test('one command makes a NATS user for an internal system, at once, that outlives the server', async () => {
  const [vendor] = stack().vendors;
  const { stdout } = await run(
    process.execPath,
    script('nats-user.ts', '--name', 'billing', '--vendors', String(vendor!.id)),
    { env: environment },
  );
  expect(stdout).toContain(`In force at ${stack().nats}`);
  const killed = idOf('nats');
  await signalPart(stack(), 'nats', 'SIGKILL');
  await waitFor(() => (idOf('nats') ?? killed) !== killed, 20_000);
  const nc = await connectNats({
    user: 'billing',
    url: stack().nats,
    nkeySeed: readFileSync(path.join(folder, 'systems/billing/NATS_NKEY_SEED'), 'utf8').trim(),
  });
  const subject = createSubjects().vendorCall('ledger.query.vendor', vendor!.id);
  await waitFor(async () => {
    const reply = await nc.request(subject, '').then(
      (message) => message.json<CallReply>(),
      () => null,
    );
    return reply?.ok === true;
  });
  await nc.close();
});

test.each([[['gateway', 'ledger', 'credits']], [['postgres', 'nats', 'redis']]])(
  'killing %j one by one in the middle of the demo changes nothing in its result',
  async (names) => {
    const demo = spawn(process.execPath, script('demo.ts'), { env: environment });
    let told = '';
    for (const stream of [demo.stdout, demo.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        told += text;
      });
    }
    const killed = new Map<string, ReturnType<typeof idOf>>();
    for (const [index, name] of names.entries()) {
      await waitFor(() => told.includes(` ${250 * (index + 1)} sold`), 30_000);
      killed.set(name, idOf(name));
      await signalPart(stack(), name, 'SIGKILL');
    }
    await waitFor(() => demo.exitCode !== null, 60_000);
    expect(told).not.toContain('WRONG');
    expect({ told, code: demo.exitCode }).toMatchObject({ code: 0 });
    for (const [name, id] of killed) await waitFor(() => (idOf(name) ?? id) !== id, 20_000);
  },
  100_000,
);

test('a second start keeps the data', async () => {
  const before = stack();
  await stop();
  expect(existsSync(path.join(folder, 'stack.json'))).toBe(false);
  await start();
  const after = stack();
  expect(after.vendors).toEqual(before.vendors);
  const [vendor] = after.vendors;
  const response = await fetch(`${after.gateway}/api/vendors/balance/`, {
    headers: { authorization: `Token ${vendor!.token}` },
  });
  expect(await response.json()).toMatchObject({ success: true, data: { balance: 995_000 } });
}, 90_000);

test('each service without settings says which are missing', async () => {
  const failures = ['gateway', 'backoffice', 'ledger', 'credits', 'reconciler', 'webhooks'].map(
    async (service) => {
      const main = path.join(ROOT, 'services', service, 'src/main.ts');
      const { code, stderr } = await run(process.execPath, [main], { env: { PATH: process.env.PATH } }).catch(
        (error) => error,
      );
      expect(code, service).toBe(2);
      expect(stderr, service).toContain('DATABASE_URL: is missing');
      expect(stderr, service).toContain('NATS_URL: is missing');
    },
  );
  await Promise.all(failures);
});
