import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createSubjects } from '@b2b-charge/contracts';
import { connectNats, keepsLogsEqual } from '@b2b-charge/runtime';
import { serverSources, startGuardian } from '@b2b-charge/stack';
import { jetstreamManager } from '@nats-io/jetstream';
import { createUser } from '@nats-io/nkeys';
import type { NatsConnection } from '@nats-io/transport-node';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { warnOfOldCluster } from '../../services/ledger/src/log/old-cluster.ts';
import { type NatsCluster, startNatsCluster } from '../drills/nats-cluster.ts';
import { waitFor } from '../harness.ts';

const WITHIN_MS = 30_000;
const LOG = createSubjects().streams.commands;
const stack = new AsyncDisposableStack();
let cluster: NatsCluster;
let connectAs: (user: keyof typeof USERS) => Promise<NatsConnection>;
/** Who may ask after the log; who has the rights of before, and may not. */
const USERS = { someone: ['$JS.API.>'], before: ['$JS.API.INFO'] };

const served = (nc: NatsConnection) =>
  nc.request('$JS.API.INFO', '', { timeout: 500 }).then(
    (reply) => !reply.json<{ error?: object }>().error,
    () => false,
  );

beforeAll(async () => {
  const guardian = startGuardian();
  stack.defer(() => guardian.close());
  const dataDir = mkdtempSync(path.join(tmpdir(), 'b2b-charge-cut-off-'));
  guardian.removeAtEnd(dataDir);
  const { DATABASE_URL, NATS_URL, REDIS_URL, ...environment } = process.env;
  const keys = { someone: createUser(), before: createUser() };
  const options = {
    dataDir,
    guardian,
    sources: serverSources({ ...environment, STACK_SERVERS: 'binary' }),
    users: Object.entries(USERS).map(([name, publish]) => ({
      name,
      publicKey: keys[name as keyof typeof USERS].getPublicKey(),
      permissions: { publish, subscribe: [`_INBOX.${name}.>`] },
    })),
  };
  cluster = await startNatsCluster(options, 'proxies');
  stack.defer(() => cluster.stop());
  connectAs = async (user) => {
    const nkeySeed = new TextDecoder().decode(keys[user].getSeed());
    const nc = await connectNats({ user, url: cluster.url, nkeySeed, stream: LOG });
    stack.defer(() => nc.close());
    return nc;
  };
}, 60_000);
afterAll(() => stack.disposeAsync());

test('a ledger says so when the servers that hold copies of its log are too old to keep them the same', async () => {
  const subjects = createSubjects();
  const nc = await connectAs('someone');
  await waitFor(() => served(nc), WITHIN_MS);
  const manager = await jetstreamManager(nc);
  const create = (num_replicas: number) =>
    manager.streams.add({ name: LOG, subjects: [subjects.allCommands], num_replicas }).then(
      () => true,
      () => false, // they do not know each other yet
    );
  await waitFor(() => create(3), WITHIN_MS);
  const warnings: unknown[] = [];
  const logger = { warn: (fields: unknown) => void warnings.push(fields) };
  await warnOfOldCluster({ nc, subjects, logger });
  const { version } = cluster;
  expect(warnings).toEqual(keepsLogsEqual(version) ? [] : [{ version, replicas: 3 }]);
}, 60_000);

test('whoever is connected to a server that its cluster has lost goes to another, though he may not ask after the log', async () => {
  const nc = await connectAs('before');
  await waitFor(() => served(nc), WITHIN_MS);
  const lost = nc.getServer();
  const mend = cluster.cutOff(cluster.members.findIndex(({ url }) => url.endsWith(lost)));
  await waitFor(async () => nc.getServer() !== lost && (await served(nc)), WITHIN_MS);
  mend();
  expect(nc.getServer()).not.toBe(lost);
}, 60_000);

test('a server that led everything and answers on is left, too, by whoever asks after the log', async () => {
  await waitFor(async () => (await cluster.leaderOfAll()) >= 0, WITHIN_MS);
  const leader = await cluster.leaderOfAll();
  const { url } = cluster.members[leader]!;
  const client = await connectedTo(url);
  await waitFor(async () => {
    if ((await cluster.leaderOf(client, LOG)) === leader) return true;
    // The next one is chosen by chance.
    await client.request(`$JS.API.STREAM.LEADER.STEPDOWN.${LOG}`, '', { timeout: 1_000 }).catch(() => {});
    return false;
  }, WITHIN_MS);
  const mend = cluster.cutOff(leader);
  await waitFor(() => !url.endsWith(client.getServer()), WITHIN_MS);
  await waitFor(async () => (await cluster.leaderOf(client, LOG)) >= 0, WITHIN_MS);
  expect(await cluster.leaderOf(client, LOG)).not.toBe(leader);
  mend();
}, 90_000);

/** Clients choose their server by chance. */
async function connectedTo(url: string): Promise<NatsConnection> {
  for (;;) {
    const client = await connectAs('someone');
    if (url.endsWith(client.getServer())) return client;
    await client.close();
  }
}
