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
const stack = new AsyncDisposableStack();
let cluster: NatsCluster;
let nc: NatsConnection;

const served = () =>
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
  const key = createUser();
  const permissions = { publish: ['$JS.API.>'], subscribe: ['_INBOX.someone.>'] };
  const options = {
    ...{ dataDir, guardian, sources: serverSources({ ...environment, STACK_SERVERS: 'binary' }) },
    users: [{ name: 'someone', publicKey: key.getPublicKey(), permissions }],
  };
  cluster = await startNatsCluster(options, 'proxies');
  stack.defer(() => cluster.stop());
  const nkeySeed = new TextDecoder().decode(key.getSeed());
  nc = await connectNats({ user: 'someone', url: cluster.url, nkeySeed });
  stack.defer(() => nc.close());
  await waitFor(served, WITHIN_MS);
}, 60_000);
afterAll(() => stack.disposeAsync());

test('a ledger says so when the servers that hold copies of its log are too old to keep them the same', async () => {
  const subjects = createSubjects();
  const manager = await jetstreamManager(nc);
  const create = (num_replicas: number) =>
    manager.streams
      .add({ name: subjects.streams.commands, subjects: [subjects.allCommands], num_replicas })
      .then(
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

test('whoever is connected to a server that its cluster has lost goes to another, and is served there', async () => {
  const lost = nc.getServer();
  const mend = cluster.cutOff(cluster.members.findIndex(({ url }) => url.endsWith(lost)));
  await waitFor(async () => nc.getServer() !== lost && (await served()), WITHIN_MS);
  mend();
  expect(nc.getServer()).not.toBe(lost);
}, 60_000);
