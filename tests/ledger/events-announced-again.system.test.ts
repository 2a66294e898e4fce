import { ensureStreams } from '@b2b-charge/runtime';
import { jetstreamManager } from '@nats-io/jetstream';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readStream } from '../chaos/check/streams.ts';
import { charge, type Scene, startScene } from '../client/scene.ts';
import { runB2b } from '../run-tool.ts';

const VENDORS = [1, 2, 3, 4];
let scene: Scene;
let sold = 0;

beforeAll(async () => {
  scene = await startScene({ INSPECT_MS: '100' });
  await scene.open(VENDORS);
});
afterAll(() => scene?.[Symbol.asyncDispose]());

async function sell(count: number): Promise<void> {
  const bounds = { waitMs: 10_000, deadlineMs: 10_000 };
  await Promise.all(
    Array.from({ length: count }, (_, index) =>
      scene.client.send({ ...charge(VENDORS[index % VENDORS.length]!, `sale-${sold++}`), ...bounds }),
    ),
  );
}

/** The ids of what the stream holds, and of what the books have. */
async function announced(): Promise<string[]> {
  const { nc, subjects } = scene.playground;
  const ids: string[] = [];
  const { state } = await (await jetstreamManager(nc)).streams.info(subjects.streams.events);
  if (state.messages === 0) return ids;
  await readStream(nc, subjects.streams.events, (batch) => {
    for (const { headers } of batch) ids.push(headers!.get('Nats-Msg-Id'));
  });
  return ids;
}
async function booked(): Promise<string[]> {
  const { rows } = await scene.playground.sql('SELECT id FROM ledger.transactions ORDER BY vendor_id, seq');
  return rows.map(({ id }) => id);
}
const untold = async () => {
  const told = new Set(await announced());
  return (await booked()).filter((id) => !told.has(id)).length;
};

async function loseTheEvents(): Promise<void> {
  const { nc, subjects } = scene.playground;
  await (await jetstreamManager(nc)).streams.delete(subjects.streams.events);
  await ensureStreams(nc, subjects);
}

test('a stream of events that is gone while the command log is whole is filled again, while sales go on', async () => {
  await sell(40);
  await expect.poll(untold).toBe(0);
  await loseTheEvents();
  await sell(8);
  await expect.poll(untold, { timeout: 10_000 }).toBe(0);
  const { rows } = await scene.playground.sql('SELECT count(*)::int AS breaks FROM ledger.chain_breaks');
  expect(rows[0]!.breaks).toBe(0);
}, 30_000);

const lanes = (...args: string[]) =>
  runB2b(['lanes', ...args], { env: scene.playground.environment('ledger') });

test('an operator has events announced again: first it is only said how many, then it is done under their ids', async () => {
  await expect.poll(untold).toBe(0);
  const since = new Date(Date.now() - 3_600_000).toISOString();
  const count = (await booked()).length;
  const dry = await lanes('republish', '--since', since);
  expect(dry).toMatchObject({ status: 0, stderr: '' });
  expect(dry.stdout).toContain(`${count} transactions were decided since ${since}.\nNothing was changed`);
  const { rows: before } = await scene.playground.sql('SELECT max(epoch)::int AS epoch FROM ledger.lanes');

  // Purged by somebody: that no ledger takes for a loss. The stream knows what it held and drops repeats for a while.
  const { nc, subjects } = scene.playground;
  const manager = await jetstreamManager(nc);
  await manager.streams.update(subjects.streams.events, { duplicate_window: 100_000_000 });
  await manager.streams.purge(subjects.streams.events);
  expect(await untold()).toBe(count);
  await expect
    .poll(
      async () => {
        expect((await lanes('republish', '--since', since, '--yes')).stdout).toContain('the 16 lanes');
        return untold();
      },
      { timeout: 20_000, interval: 3_000 },
    )
    .toBe(0);
  expect(new Set(await announced())).toEqual(new Set(await booked()));
  const { rows: after } = await scene.playground.sql('SELECT min(epoch)::int AS epoch FROM ledger.lanes');
  expect(after[0]!.epoch).toBeGreaterThan(before[0]!.epoch);
}, 40_000);
