import { ensureStreams } from '@b2b-charge/runtime';
import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { asOwner, openScene, type Scene } from '../scene.ts';
import { expectFindings } from './tamper-cases.ts';

let stack: AsyncDisposableStack;
let scene: Scene;

beforeEach(async () => {
  stack = new AsyncDisposableStack();
  scene = stack.use(await openScene());
  await scene.open(1, '1000000');
  await scene.closeShop();
  const first = await scene.audit();
  expect(first.findings).toEqual([]);
  expect((await scene.audit()).run.status).toBe('verified');
});
afterEach(() => stack.disposeAsync());

const manager = () => jetstreamManager(scene.playground.nc);
const owner = (sql: string) => asOwner(scene.playground.database.adminUrl, (client) => client.query(sql));
const critical = async (message: RegExp) => {
  const { run, findings, checkpoint } = await scene.audit();
  expectFindings(findings, [{ check: 'witness', message }]);
  expect([run.status, checkpoint]).toEqual(['critical', null]);
};

test.each(['commands', 'events', 'reports'] as const)('the stream of %s deleted is found', async (stream) => {
  const { nc, subjects } = scene.playground;
  await (await manager()).streams.delete(subjects.streams[stream]);
  await critical(/is gone/);
  await ensureStreams(nc, subjects);
  await critical(/was deleted and made again/);
});

test('a published report that is gone is found, though a later one is there', async () => {
  const jsm = await manager();
  await jsm.streams.purge(scene.playground.subjects.streams.reports, { seq: 2 });
  await critical(/audit 1 is gone or unreadable/);
});

test('a last message that is unreadable does not hide the checkpoint before it', async () => {
  const { nc, subjects } = scene.playground;
  await jetstream(nc)
    .publish(subjects.auditReports, 'no report')
    .catch(() => {});
  await owner(`DELETE FROM reconciler.heads; DELETE FROM reconciler.checkpoints`);
  const { findings } = await scene.audit();
  expectFindings(findings, [{ check: 'checkpoint', message: /that were published/ }]);
});

test('an auditor that has forgotten everything is not a new system', async () => {
  await owner(`DELETE FROM reconciler.streams; DELETE FROM reconciler.heads; DELETE FROM reconciler.checkpoints;
    DELETE FROM reconciler.runs`);
  await critical(/nothing is registered/);
});

test('once it is explained, a person registers the streams anew', async () => {
  const { nc, subjects } = scene.playground;
  await (await manager()).streams.delete(subjects.streams.reports);
  await ensureStreams(nc, subjects);
  await critical(/was deleted and made again/);
  await scene.audit({ mode: 'full', restartCheckpoints: true });
  const { run, findings } = await scene.audit({ mode: 'full' });
  expect(findings).toEqual([]);
  expect(run.status).toBe('verified');
});
