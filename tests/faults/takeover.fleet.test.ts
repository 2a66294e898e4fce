import { setTimeout as sleep } from 'node:timers/promises';
import type { FleetProcess } from '@b2b-charge/stack';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { waitFor } from '../harness.ts';
import { booksOf, figure, LEASE_MS, type Scene, startScene, Trickle, VENDORS } from './scene.ts';

let scene: Scene;
let first: FleetProcess;
let second: FleetProcess;

beforeAll(async () => {
  scene = await startScene();
  [first, second] = scene.fleet.of('ledger') as [FleetProcess, FleetProcess];
}, 60_000);
afterAll(() => scene[Symbol.asyncDispose]());

/** How long each of these lanes takes to decide a charge sent now. */
async function timesOf(lanes: readonly number[]): Promise<number[]> {
  const startedAt = Date.now();
  return Promise.all(
    lanes.map(async (lane) => {
      expect(await scene.charge(VENDORS[lane]!)).toMatchObject({ outcome: 'posted' });
      return Date.now() - startedAt;
    }),
  );
}

test('two ledgers share the lanes evenly', async () => {
  const [ours, theirs] = await Promise.all([scene.lanesOf(first), scene.lanesOf(second)]);
  expect([ours.length, theirs.length]).toEqual([8, 8]);
});

test('lanes where nothing happens count as published up to their cursor: nobody looks for their events from afar', async () => {
  const unpublished = async () => {
    const { rows } = await scene.db.query<{ behind: number; old: number }>(
      `SELECT count(*) FILTER (WHERE published_seq < cursor_seq)::int AS behind,
         count(*) FILTER (WHERE published_at < clock_timestamp() - interval '3 s')::int AS old FROM ledger.lanes`,
    );
    return rows[0];
  };
  await expect.poll(unpublished, { timeout: 10_000 }).toEqual({ behind: 0, old: 0 });
});

test("a ledger killed with SIGKILL: its lanes are decided by the other within the lease, the other's at once", async () => {
  const [dead, alive] = await Promise.all([scene.lanesOf(first), scene.lanesOf(second)]);
  process.kill(first.process.pid!, 'SIGKILL');
  const [waited, unharmed] = await Promise.all([timesOf(dead), timesOf(alive)]);
  figure('takeover after SIGKILL', Math.max(...waited));
  expect(Math.max(...unharmed)).toBeLessThan(1_500);
  expect(Math.max(...waited)).toBeLessThan(LEASE_MS + 1_500);
  await first.process.restart();
  await scene.shared([first, second]);
}, 30_000);

test('a ledger that stops in order hands its lanes over at once', async () => {
  const handedOver = await scene.lanesOf(first);
  const stopping = first.process.stop();
  const waited = await timesOf(handedOver);
  figure('hand-over on SIGTERM', Math.max(...waited));
  expect(Math.max(...waited)).toBeLessThan(2_500);
  await stopping;
  await first.process.restart();
  await scene.shared([first, second]);
}, 30_000);

test('an owner frozen inside a transaction: its lanes are served meanwhile, and when it wakes it commits nothing', async () => {
  await using trickle = new Trickle(scene, 5);
  const { pid } = first.process;
  const lanes = await scene.lanesOf(first);
  const titles = () => titlesOf(lanes);
  await freezeInTransaction(pid!);
  const frozenAt = Date.now();
  const before = await titles();
  try {
    await waitFor(async () => (await scene.lanesOf(second)).length === 16, 2 * LEASE_MS);
    figure('takeover from a frozen owner', Date.now() - frozenAt);
    expect(Date.now() - frozenAt).toBeLessThan(LEASE_MS + 1_500);
    expect(Math.max(...(await timesOf(lanes)))).toBeLessThan(1_500);
  } finally {
    process.kill(pid!, 'SIGCONT');
  }
  await scene.shared([first, second]);
  // It came back by new titles only: every lane that it had was fenced off in between.
  const after = await titles();
  for (const [index, { epoch }] of after.entries()) expect(epoch).toBeGreaterThan(before[index]!.epoch);
  await trickle.stop();
  expect(trickle.failures).toEqual([]);
  expect(trickle.outcomes.length).toBe(trickle.sent);
  expect(trickle.outcomes.every(({ outcome }) => outcome.outcome === 'posted')).toBe(true);
  expect(await booksOf(scene.db)).toMatchObject({ breaks: 0, doubled: 0 });
}, 40_000);

async function titlesOf(lanes: readonly number[]) {
  const { rows } = await scene.db.query<{ lane: number; epoch: number }>(
    'SELECT lane, epoch::int FROM ledger.lanes WHERE lane = ANY ($1) ORDER BY lane',
    [lanes],
  );
  return rows;
}

/** Freezes it again and again until it stands between the two halves of a batch, holding its lanes' rows. */
async function freezeInTransaction(pid: number): Promise<void> {
  for (let attempt = 0; attempt < 500; attempt++) {
    process.kill(pid, 'SIGSTOP');
    await sleep(20);
    const { rows } = await scene.db.query(
      `SELECT FROM pg_stat_activity a JOIN pg_locks l USING (pid)
       WHERE a.application_name = 'ledger-writer' AND a.state = 'idle in transaction'
         AND a.state_change < clock_timestamp() - interval '15 ms' AND l.relation = 'ledger.lanes'::regclass`,
    );
    if (rows.length > 0) return;
    process.kill(pid, 'SIGCONT');
    await sleep(7);
  }
  throw new Error('it was never caught inside a transaction');
}
