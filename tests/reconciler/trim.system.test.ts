import { laneOf } from '@b2b-charge/contracts';
import { ensureStreams } from '@b2b-charge/runtime';
import { jetstreamManager } from '@nats-io/jetstream';
import { afterEach, beforeEach, expect, inject, test } from 'vitest';
import { parseConfig } from '../../services/reconciler/src/config.ts';
import { openTools } from '../../services/reconciler/src/run/open-tools.ts';
import { trimLog } from '../../services/reconciler/src/trim/trim-log.ts';
import { startLyingServer } from './lying-server.ts';
import { connectAs, openScene, type Scene } from './scene.ts';

/** The one place that deletes commands deletes none that it may not, whatever the server says. */
const HOUR_MS = 3_600_000;
let stack: AsyncDisposableStack;
let scene: Scene;

beforeEach(async () => {
  stack = new AsyncDisposableStack();
  scene = stack.use(await openScene());
});
afterEach(() => stack.disposeAsync());

const openTrimmer = async (environment: Record<string, string> = {}) =>
  stack.use(await openTools(parseConfig(scene.playground.environment('reconciler', environment))));
async function left(): Promise<number> {
  const { nc, subjects } = scene.playground;
  return (await (await jetstreamManager(nc)).streams.info(subjects.streams.commands)).state.messages;
}

test('the first command of all is not purged by a trim that has just seen an empty log', async () => {
  expect((await scene.audit()).run.status).toBe('verified');
  await scene.send(1, 'open', { type: 'open-vendor', name: 'Vendor 1' });
  // What the server said a moment before.
  const lying = stack.use(
    await startLyingServer(inject('servers').natsUrl, (sent) =>
      sent.replace(/("(?:messages|first_seq|last_seq)":)1(?=,)/g, (_, name) => `${name}0`),
    ),
  );
  const tools = await openTrimmer({ NATS_URL: lying.url });
  expect(await trimLog({ ...tools, retentionMs: 0, step: 10 })).toEqual({
    purged: 0,
    reason: 'the log is empty',
  });
  expect(lying.lies).toBeGreaterThan(0);
  expect(await left()).toBe(1);
});

test('a command that the server does not show is not taken for an old one', async () => {
  await scene.open(1, '1000000');
  await scene.audit();
  const tools = await openTrimmer();
  const nc = stack.adopt(await connectAs('gateway'), (connection) => connection.close()); // may not look into the log
  await expect(trimLog({ ...tools, nc, retentionMs: HOUR_MS, step: 10 })).rejects.toThrow(/Permissions/i);
  const { rows } = await tools.pool.query('SELECT trimmed_seq::int FROM reconciler.log_audited');
  expect(rows).toEqual([{ trimmed_seq: 0 }]);
});

test('in a log that came back shorter nothing is purged under the numbers that were audited', async () => {
  await scene.open(1, '1000000');
  for (let n = 1; n <= 5; n++) await scene.charge(1, `c-${n}`, '100');
  await scene.audit();
  await scene.closeShop();
  const { nc, subjects } = scene.playground;
  await (await jetstreamManager(nc)).streams.delete(subjects.streams.commands);
  await ensureStreams(nc, subjects);
  const gateway = stack.adopt(await connectAs('gateway'), (connection) => connection.close());
  await gateway.request(subjects.command(laneOf(1, 16), 'gateway', 1), 'not decided yet');
  const tools = await openTrimmer();
  expect(await trimLog({ ...tools, retentionMs: 0, step: 10 })).toEqual({
    purged: 0,
    reason: 'the log ends before what was audited',
  });
  expect(await left()).toBe(1);
});
