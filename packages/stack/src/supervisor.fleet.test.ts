import { type ChildProcess, spawn } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { SERVICES } from '@b2b-charge/contracts';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { isAlive } from './guardian/process-table.ts';
import { emptyStackFolder, openStackFolder } from './local/folder.ts';
import { type StackFile, signalPart } from './local/stack-file.ts';
import { removeVolume } from './servers/containers.ts';
import { clusterParent } from './servers/postgres-cluster.ts';
import { serverSources } from './servers/sources.ts';
import { waitUntil } from './servers/wait-until.ts';
import { holdPreferredPorts } from './testing/hold-ports.ts';

/** The smallest process that behaves as a service does. */
const SERVICE = `
import { createServer } from 'node:http';
createServer((_, response) => response.end('{}')).listen(Number(process.env.OPS_PORT), '127.0.0.1');
process.on('SIGTERM', () => process.exit(0));
if (process.env.BREAK === import.meta.dirname.split('/').at(-2)) {
  console.error('NATS_URL: is missing');
  process.exit(2);
}
`;
const UP_WITHIN_MS = 60_000;
const GONE_WITHIN_MS = 20_000;

let ports: Disposable;
beforeAll(async () => {
  ports = await holdPreferredPorts();
});
afterAll(() => ports[Symbol.dispose]());

let root: string;
const running = new Set<ChildProcess>();

beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), 'b2b-charge-stack-'));
  // PostgreSQL may run as another user than ours, and passes through here.
  chmodSync(root, 0o711);
  for (const service of SERVICES) {
    const folder = path.join(root, 'services', service, 'src');
    mkdirSync(folder, { recursive: true });
    writeFileSync(path.join(folder, 'main.ts'), SERVICE);
  }
});

afterEach(async () => {
  for (const child of running) child.kill('SIGTERM');
  await waitUntil(
    () =>
      [...running].every(({ exitCode, signalCode }) => exitCode !== null || signalCode !== null)
        ? true
        : undefined,
    {
      timeoutMs: 5_000,
    },
  );
  running.clear();
  // Servers that were found in containers have volumes.
  await emptyStackFolder(openStackFolder(path.join(root, '.local')), serverSources(process.env));
  rmSync(root, { recursive: true, force: true, maxRetries: 10 });
});

function start(args: string[] = [], settings: NodeJS.ProcessEnv = {}) {
  const script = `
    import { runSupervisor } from ${JSON.stringify(path.join(import.meta.dirname, 'supervisor.ts'))};
    process.exit(await runSupervisor({
      root: ${JSON.stringify(root)}, args: ${JSON.stringify(args)}, environment: process.env,
      migrate: async () => {}, createDemoVendors: async () => [{ id: 'v1', name: 'One', token: 'secret' }], createOperator: async () => {},
    }));`;
  const { DATABASE_URL, NATS_URL, REDIS_URL, ...environment } = process.env;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', script], {
    env: { ...environment, ...settings },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running.add(child);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += String(chunk)));
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve));
  return { child, exited, output: () => output };
}

const stackFile = () => path.join(root, '.local/stack.json');
const readStack = () => JSON.parse(readFileSync(stackFile(), 'utf8')) as StackFile;

async function untilReady({ child, output }: ReturnType<typeof start>): Promise<StackFile> {
  await waitUntil(() => (output().includes('] ready') || child.exitCode !== null ? true : undefined), {
    timeoutMs: UP_WITHIN_MS,
  });
  expect(output()).toContain('] ready');
  return readStack();
}

const allGone = (pids: Record<string, number>) =>
  waitUntil(() => (Object.values(pids).some((pid) => isAlive(pid, null)) ? undefined : true), {
    timeoutMs: GONE_WITHIN_MS,
  });

async function query(url: string, text: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(text)).rows;
  } finally {
    await client.end();
  }
}

test('what is killed comes back; the data is kept between runs, until --fresh', async () => {
  const first = start();
  const stack = await untilReady(first);
  const { pids, postgres } = stack;
  await query(postgres, 'CREATE TABLE kept AS SELECT 1 AS one');
  for (const name of ['postgres', 'nats', 'redis', 'ledger']) await signalPart(stack, name, 'SIGKILL');
  const back = () =>
    ['postgres', 'nats', 'redis', 'ledger'].every((name) => first.output().includes(`${name} runs again`));
  expect(await waitUntil(() => back() || undefined, { timeoutMs: UP_WITHIN_MS })).toBe(true);
  expect(readStack().pids.ledger).not.toBe(pids.ledger);

  const twice = start();
  expect(await twice.exited).toBe(2);
  expect(twice.output()).toContain(`a stack runs here already (process ${first.child.pid})`);

  const last = readStack().pids;
  first.child.kill('SIGINT');
  expect(await first.exited).toBe(0);
  expect(await allGone(last)).toBe(true);
  expect(existsSync(stackFile())).toBe(false);

  const second = start();
  const again = await untilReady(second);
  expect(await query(again.postgres, 'SELECT one FROM kept')).toEqual([{ one: 1 }]);
  second.child.kill('SIGTERM');
  await second.exited;

  const fresh = await untilReady(start(['--fresh']));
  expect(await query(fresh.postgres, "SELECT to_regclass('kept') AS kept")).toEqual([{ kept: null }]);
}, 120_000);

test.runIf(process.getuid?.() === 0)(
  'another checkout in the place of a deleted one starts; what that one left is set aside',
  async () => {
    chmodSync(root, 0o700); // then PostgreSQL's data stand elsewhere
    const data = clusterParent(path.join(root, '.local/postgres'));
    expect(data.startsWith(root)).toBe(false);
    // A container would keep them in a volume.
    const local = { STACK_SERVERS: 'npm' };
    const first = start([], local);
    await untilReady(first);
    first.child.kill('SIGTERM');
    await first.exited;
    rmSync(path.join(root, '.local'), { recursive: true });
    // Volumes cannot be set aside: a start that finds some is refused.
    for (const server of ['nats', 'redis'] as const)
      await removeVolume(server, path.join(root, '.local', server), serverSources(process.env));

    const second = start([], local);
    await untilReady(second);
    second.child.kill('SIGTERM');
    await second.exited;
    const aside = /set aside: (\S+);/.exec(second.output())![1]!;
    expect(existsSync(path.join(aside, 'cluster/PG_VERSION'))).toBe(true);
    for (const folder of [aside, data]) rmSync(folder, { recursive: true });
  },
  120_000,
);

test('secrets are for their owner alone; a supervisor that is killed leaves no process, and the next one starts', async () => {
  const first = start();
  const { pids } = await untilReady(first);
  for (const file of [
    'stack.json',
    'secrets.json',
    'vendors.json',
    'postgres/superuser-password',
    'redis/password',
  ])
    expect(statSync(path.join(root, '.local', file)).mode & 0o777, file).toBe(0o600);
  first.child.kill('SIGKILL');
  expect(await allGone(pids)).toBe(true);
  await untilReady(start());
}, 120_000);

test('a service that cannot start is named with its own words, and everything is stopped', async () => {
  const broken = start([], { BREAK: 'ledger' });
  expect(await broken.exited).toBe(1);
  expect(broken.output()).toContain('ledger did not start: it ended with exit code 2\nNATS_URL: is missing');
  const recorded = JSON.parse(readFileSync(path.join(root, '.local/processes.json'), 'utf8')) as {
    pid: number;
  }[];
  expect(await allGone(Object.fromEntries(recorded.map(({ pid }, index) => [index, pid])))).toBe(true);
}, 60_000);
