import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { createSubjects } from '@b2b-charge/contracts';
import { connectNats, DEFAULT_STREAM_LIMITS, ensureStreams } from '@b2b-charge/runtime';
import { freePort } from '@b2b-charge/stack';
import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ROOT } from '../compose/compose-file.ts';
import { docker, whyNoEngine } from '../compose/engine.ts';
import { trialSecrets } from '../compose/trial-secrets.ts';

const IMAGE = 'nats:2.12-alpine';
const reason = await whyNoEngine([IMAGE]);
if (reason) console.warn(`the cluster of NATS servers is not started here: ${reason}`);
test.runIf(process.env.DOCKER_HOST)('where a Docker engine is named, it answers', () => {
  expect(reason ?? '').not.toMatch(/cannot connect/i);
});

/** The three pods, as containers: the same configuration, the same names, the same rights. */
describe.runIf(reason === null)('three NATS servers by the configuration for Kubernetes', () => {
  const name = `b2b-nats-${randomBytes(4).toString('hex')}`;
  const servers = [0, 1, 2].map((number) => ({ pod: `nats-${number}`, container: `${name}-${number}` }));
  const secrets = trialSecrets();
  const ports: number[] = [];

  beforeAll(async () => {
    await docker(['network', 'create', name]);
    const conf = path.join(ROOT, 'deploy/kubernetes/dependencies/nats/nats.conf');
    for (const { pod, container } of servers) {
      const port = await freePort();
      ports.push(port);
      await docker([
        ...['run', '--detach', '--name', container, '--network', name, '--network-alias', `${pod}.nats`],
        ...['--read-only', '--cap-drop', 'ALL', '--security-opt', 'no-new-privileges', '--user', '1000:1000'],
        ...[
          '--tmpfs',
          '/data:uid=1000,gid=1000',
          '--env',
          `POD_NAME=${pod}`,
          '--publish',
          `127.0.0.1:${port}:4222`,
        ],
        ...['--volume', `${conf}:/etc/nats/nats.conf:ro`],
        ...['--volume', `${secrets.folder}/nats-users.conf:/etc/nats/secrets/nats-users.conf:ro`],
        ...[IMAGE, '-c', '/etc/nats/nats.conf'],
      ]);
    }
  }, 60_000);
  afterAll(async () => {
    await docker(['rm', '--force', ...servers.map(({ container }) => container)]);
    await docker(['network', 'rm', name]);
    secrets[Symbol.dispose]();
  }, 60_000);

  test('hold three copies of every stream, and take commands with one of them killed', async () => {
    const seed = readFileSync(path.join(secrets.folder, 'migrate/NATS_NKEY_SEED'), 'utf8').trim();
    const url = ports.map((port) => `nats://127.0.0.1:${port}`).join(',');
    const nc = await connectNats({ user: 'operator', url, nkeySeed: seed });
    try {
      const subjects = createSubjects('');
      // The servers elect a leader first; until then they refuse.
      const create = () =>
        ensureStreams(nc, subjects, { ...DEFAULT_STREAM_LIMITS, replicas: 3 }).then(() => 'made', String);
      await expect.poll(create, { timeout: 30_000, interval: 250 }).toBe('made');
      const manager = await jetstreamManager(nc);
      const current = async (stream: string) => {
        const { cluster } = await manager.streams.info(stream);
        return cluster?.replicas?.filter((replica) => replica.current).length;
      };
      for (const stream of Object.values(subjects.streams)) {
        await expect.poll(() => current(stream), { timeout: 20_000 }).toBe(2);
      }
      await docker(['kill', servers[1]!.container]);
      const publish = () =>
        jetstream(nc)
          .publish('ledger.commands.0.operator.1', '{}', { timeout: 2_000 })
          .then(
            ({ seq }) => seq,
            () => 0,
          );
      await expect.poll(publish, { timeout: 20_000 }).toBeGreaterThan(0);
    } finally {
      await nc.close();
    }
  }, 90_000);
});
