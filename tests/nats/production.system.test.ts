import { spawn } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createSubjects, inboxPrefix } from '@b2b-charge/contracts';
import { call, connectNats, ensureStreams } from '@b2b-charge/runtime';
import { findNatsProgram, freePort, serverSources, startGuardian, testDatabase } from '@b2b-charge/stack';
import { connect, type NatsConnection, nkeyAuthenticator } from '@nats-io/transport-node';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { carryOut } from '../../scripts/nats-user/carry-out.ts';
import { parseOptions } from '../../scripts/nats-user/options.ts';
import { parseConfig } from '../../services/ledger/src/config.ts';
import { startLedger } from '../../services/ledger/src/service.ts';
import { testLogger, waitFor } from '../harness.ts';
import { type Authority, createAuthority } from './certificates.ts';

/** The configuration of deploy/nats, with TLS, on a real server, with users that `npm run nats-user` has made. */

const DEPLOY = path.join(import.meta.dirname, '../../deploy/nats');
const MEBIBYTE = 1024 ** 2;
const stack = new AsyncDisposableStack();
let folder: string;
let authority: Authority;
let port: number;
let pid: number;
let output = '';

const natsUser = (...args: string[]) => carryOut(parseOptions([...args, '--dir', folder]), {});
const seedOf = (name: string) => readFileSync(path.join(folder, name, 'NATS_NKEY_SEED'), 'utf8').trim();

/** The file as it is, at a port and in a folder of ours. */
function adapted(version: string): string {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const configuration = readFileSync(path.join(DEPLOY, 'production.conf'), 'utf8');
  expect(configuration).toContain('sync_interval: always');
  // As its comment says.
  const known =
    major === 2 && minor < 10 ? configuration.replace(/^.*sync_interval:.*\n/m, '') : configuration;
  return known
    .replace('0.0.0.0:4222', `127.0.0.1:${port}`)
    .replace(/^http: .*$/m, '')
    .replace('/var/lib/nats', path.join(folder, 'store'));
}

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'b2b-charge-production-'));
  stack.defer(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));
  chmodSync(folder, 0o711);
  const guardian = startGuardian();
  stack.defer(() => guardian.close());
  const { DATABASE_URL, NATS_URL, REDIS_URL, ...environment } = process.env;
  const found = await findNatsProgram({
    dataDir: folder,
    guardian,
    sources: serverSources({ ...environment, STACK_SERVERS: 'binary' }),
  });
  port = await freePort();
  authority = createAuthority('An authority of this test');
  const server = authority.issue('ledger-nats-1', ['localhost', '127.0.0.1']);
  mkdirSync(path.join(folder, 'tls'));
  writeFileSync(path.join(folder, 'tls/server.crt'), server.certificate);
  writeFileSync(path.join(folder, 'tls/server.key'), server.key);
  await natsUser('services');
  await natsUser('--name', 'billing', '--vendors', '12,15');
  writeFileSync(path.join(folder, 'nats.conf'), adapted(found.version));
  const process_ = spawn(found.program, ['-c', 'nats.conf'], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  pid = process_.pid!;
  for (const stream of [process_.stdout, process_.stderr])
    stream.setEncoding('utf8').on('data', (said) => (output += said));
  stack.defer(async () => {
    process_.kill('SIGTERM');
    if (process_.exitCode === null) await new Promise((resolve) => process_.once('exit', resolve));
  });
  await waitFor(() => {
    if (process_.exitCode !== null) throw new Error(output);
    return output.includes('Server is ready');
  });
});
afterAll(() => stack.disposeAsync());

const url = () => `nats://127.0.0.1:${port}`;
const as = async (user: string, seed: string): Promise<NatsConnection> =>
  stack.adopt(
    await connectNats({ user, url: url(), nkeySeed: seed, tls: { ca: authority.certificate } }),
    (connection) => connection.close(),
  );

/** Without our client's patience: the first refusal counts. */
const once = (options: object) =>
  connect({
    servers: url(),
    reconnect: false,
    inboxPrefix: inboxPrefix('billing'),
    authenticator: nkeyAuthenticator(new TextEncoder().encode(seedOf('billing'))),
    ...options,
  });

describe('over TLS', () => {
  test('a ledger with NATS_TLS_CA serves a system that trusts the same authority', async () => {
    const operator = await as('operator', seedOf('migrate'));
    await ensureStreams(operator, createSubjects(), {
      replicas: 1,
      commandsMaxBytes: 64 * MEBIBYTE,
      eventsMaxBytes: 64 * MEBIBYTE,
    });
    const servers = inject('servers');
    const database = stack.use(await testDatabase(servers));
    const authorityFile = path.join(folder, 'ca.crt');
    writeFileSync(authorityFile, authority.certificate);
    const config = parseConfig({
      DATABASE_URL: database.urls.ledger,
      REDIS_URL: servers.redisUrl,
      PHONE_SALT_KEY: Buffer.alloc(32, 9).toString('base64'),
      NATS_URL: url(),
      NATS_NKEY_SEED: seedOf('ledger'),
      NATS_TLS_CA_FILE: authorityFile,
      LOG_LEVEL: 'error',
    });
    stack.use(await startLedger(config, testLogger('ledger')));
    const gateway = await as('gateway', seedOf('gateway'));
    const answer = await call({ nc: gateway, subjects: createSubjects() }, 'ledger.query.lanes', {});
    expect(answer.lanes).toHaveLength(16);
    const billing = await as('billing', seedOf('billing'));
    const reply = await billing.request('ledger.query.vendor.12', '');
    expect(reply.json()).toEqual({ ok: true, currency: 'IRT', data: null });
  });

  test.each<[string, () => object]>([
    ['without the authority', () => ({})],
    ['with another authority', () => ({ tls: { ca: createAuthority('Another').certificate } })],
    ['without TLS', () => ({ tls: null })],
  ])('nobody connects %s', async (_, options) => {
    await expect(once(options())).rejects.toThrow();
  });

  test('nobody connects by a name that the certificate does not have', async () => {
    const servers = `nats://127.0.0.2:${port}`;
    await expect(once({ servers, tls: { ca: authority.certificate } })).rejects.toThrow();
  });

  test('a server without TLS is refused by who was given an authority', async () => {
    const plain = inject('servers').natsUrl;
    await expect(once({ servers: plain, tls: { ca: authority.certificate } })).rejects.toThrow(/tls/i);
  });
});

test('a system that is made, changed and taken away while the server runs is let in, held to it, and cut off', async () => {
  const reload = () => process.kill(pid, 'SIGHUP');
  const asks = (name: string) =>
    comesIn(name).then(async (nc) => {
      try {
        // No one answers a consumer that was not made; without imports the server says so at once.
        return await nc.request(`$JS.ledger.API.CONSUMER.INFO.LEDGER_EVENTS.${name}_7`, '', {
          timeout: 1_000,
        });
      } finally {
        await nc.close();
      }
    });
  const comesIn = (name: string, seed = seedOf(name)) =>
    connect({
      servers: url(),
      reconnect: false,
      tls: { ca: authority.certificate },
      inboxPrefix: inboxPrefix(name),
      authenticator: nkeyAuthenticator(new TextEncoder().encode(seed)),
    });
  await natsUser('--name', 'shop', '--vendors', '7');
  await expect(comesIn('shop')).rejects.toThrow(/authorization/i);
  reload();
  await waitFor(() =>
    asks('shop').then(
      () => true,
      () => {
        reload(); // twice: a new account gets its imports with the second
        return false;
      },
    ),
  );
  const seed = seedOf('shop');
  const shop = await comesIn('shop');
  await expect(shop.request('ledger.query.vendor.8', '')).rejects.toThrow(/permission/i);
  await natsUser('--name', 'shop', '--vendors', '8');
  reload();
  await waitFor(() =>
    shop.request('ledger.query.vendor.8', '').then(
      () => true,
      () => false,
    ),
  );
  await expect(shop.request('ledger.query.vendor.7', '')).rejects.toThrow(/permission/i);
  await natsUser('revoke', 'shop');
  reload();
  await shop.closed();
  await expect(comesIn('shop', seed)).rejects.toThrow(/authorization/i);
});

test('a key is rotated while the server runs: both come in, then the former is cut off and the other stays', async () => {
  const load = async (verb: 'rotate' | 'retire') => {
    await natsUser(verb, 'gateway');
    process.kill(pid, 'SIGHUP');
  };
  const former = seedOf('gateway');
  const before = await as('gateway', former);
  await load('rotate');
  expect(seedOf('gateway')).not.toBe(former);
  const after = await as('gateway', seedOf('gateway'));
  await before.flush();
  await load('retire');
  await before.closed();
  await after.flush();
});
