import { cpSync, rmSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { jetstreamManager } from '@nats-io/jetstream';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { waitFor } from '../harness.ts';
import { booksOf, figure, type Scene, startScene, Trickle, VENDORS } from './scene.ts';

/** How long to listen for a silence after a restart of NATS; longer by FAULT_WATCH_S. */
const WATCH_MS = Number(process.env.FAULT_WATCH_S ?? 6) * 1_000;
const EVERY_MS = 10;

let scene: Scene;

beforeAll(async () => {
  scene = await startScene({ localFiles: ['nats'] });
}, 60_000);
afterAll(() => scene[Symbol.asyncDispose]());

/** Everything that was sent is posted, each once. */
async function expectAllPosted(trickle: Trickle): Promise<void> {
  await trickle.stop();
  expect(trickle.failures).toEqual([]);
  expect(trickle.outcomes.filter(({ outcome }) => outcome.outcome !== 'posted')).toEqual([]);
  expect(trickle.outcomes.length).toBe(trickle.sent);
  const books = await booksOf(scene.db);
  expect(books).toMatchObject({ breaks: 0, doubled: 0 });
  expect(Number(books.lowest)).toBeGreaterThanOrEqual(0);
}

test('PostgreSQL restarts in the middle of the load: everything sent is executed once', async () => {
  await using trickle = new Trickle(scene, EVERY_MS);
  await sleep(500);
  await scene.fleet.postgres.restart();
  const backAt = Date.now();
  await sleep(1_200);
  await expectAllPosted(trickle);
  figure('outcomes on all lanes after the return of PostgreSQL', trickle.allAfter(backAt));
  expect(trickle.allAfter(backAt)).toBeLessThan(4_000);
}, 40_000);

test('PostgreSQL is killed with SIGKILL in the middle of the load: everything sent is executed once', async () => {
  await using trickle = new Trickle(scene, EVERY_MS);
  await sleep(500);
  await scene.fleet.postgres.kill('SIGKILL');
  await scene.fleet.postgres.restart();
  const backAt = Date.now();
  await sleep(1_200);
  await expectAllPosted(trickle);
  figure('outcomes on all lanes after the return of PostgreSQL', trickle.allAfter(backAt));
  expect(trickle.allAfter(backAt)).toBeLessThan(4_000);
}, 40_000);

test('without Redis sales go on, and its copies come back with it', async () => {
  const { redis } = scene.fleet;
  await redis.stop();
  {
    await using trickle = new Trickle(scene, EVERY_MS);
    await sleep(1_500);
    await expectAllPosted(trickle);
    expect(trickle.longestSilence(trickle.outcomes[0]!.atMs)).toBeLessThan(1_000);
  }
  await redis.restart();
  const copies = new Redis(redis.url);
  const [vendorId] = VENDORS as [number];
  const outcome = await scene.charge(vendorId);
  if (outcome.outcome !== 'posted') throw new Error(outcome.outcome);
  await waitFor(async () => {
    const copy = await copies.hgetall(`balance:${vendorId}`);
    return Number(copy.seq) === outcome.transaction.seq;
  });
  copies.disconnect();
}, 30_000);

test('NATS is killed and comes back: the next outcome within moments, and no silence afterwards', async () => {
  const { nats } = scene.fleet;
  await using trickle = new Trickle(scene, EVERY_MS);
  await sleep(500);
  await nats.kill('SIGKILL');
  await sleep(700);
  await nats.restart();
  const backAt = Date.now();
  await sleep(WATCH_MS);
  await expectAllPosted(trickle);
  figure('outcomes on all lanes after the return of NATS', trickle.allAfter(backAt));
  const settledAt = backAt + trickle.allAfter(backAt);
  figure(`longest silence in the ${WATCH_MS / 1_000} s after it`, trickle.longestSilence(settledAt));
  expect(trickle.allAfter(backAt)).toBeLessThan(3_000);
  expect(trickle.longestSilence(settledAt)).toBeLessThan(2_000);
}, 120_000);

test('a log that lost its tail is noticed: what is sent again gets its first outcome, and later commands go on', async () => {
  const restore = await copyLog();
  const { keys, first } = await sellOnAllLanes('lost');
  const before = await epochs();
  await restore();
  const backAt = Date.now();
  await waitFor(async () => (await epochs()).every((epoch, lane) => epoch === before[lane]! + 1), 15_000);
  figure('rollback noticed after', Date.now() - backAt);
  expect(await sell(keys)).toEqual(first);
  await using trickle = new Trickle(scene, EVERY_MS);
  await sleep(500);
  await expectAllPosted(trickle);
}, 60_000);

test('a log whose lost numbers were given to other commands is noticed by whoever takes the lanes', async () => {
  const ledgers = scene.fleet.of('ledger');
  const restore = await copyLog();
  const { keys, first } = await sellOnAllLanes('replaced');
  const before = await epochs();
  for (const { process } of ledgers) await process.stop();
  await restore();
  // Twice as many as were lost: the log goes on beyond the cursors, which now stand on other commands.
  const others = VENDORS.flatMap((vendorId) => [
    scene.charge(vendorId, { key: `other-1-${vendorId}` }),
    scene.charge(vendorId, { key: `other-2-${vendorId}` }),
  ]);
  const end = await highestCursor();
  await waitFor(async () => (await lastSeq()) > end);
  for (const { process } of ledgers) await process.restart();
  expect((await Promise.all(others)).filter(({ outcome }) => outcome !== 'posted')).toEqual([]);
  expect(await epochs()).toEqual(before.map((epoch) => epoch + 1));
  expect(await sell(keys)).toEqual(first);
  expect(await booksOf(scene.db)).toMatchObject({ breaks: 0, doubled: 0 });
}, 60_000);

/** Copies what the NATS server has on its disk; returns what puts the copy back in the place of what came later. */
async function copyLog(): Promise<() => Promise<void>> {
  const { nats, folder } = scene.fleet;
  const store = path.join(folder, 'nats', 'store');
  const copy = path.join(folder, 'nats-store-copy');
  await nats.stop();
  rmSync(copy, { recursive: true, force: true });
  cpSync(store, copy, { recursive: true });
  await nats.restart();
  return async () => {
    await nats.stop();
    rmSync(store, { recursive: true });
    cpSync(copy, store, { recursive: true });
    await nats.restart();
  };
}

async function sellOnAllLanes(name: string) {
  const keys = VENDORS.map((vendorId) => ({ vendorId, key: `${name}-${vendorId}` }));
  return { keys, first: await sell(keys) };
}

/** The transactions of these keys, sold now or before. */
const sell = (keys: readonly { vendorId: number; key: string }[]) =>
  Promise.all(
    keys.map(async ({ vendorId, key }) => {
      const outcome = await scene.charge(vendorId, { key });
      if (outcome.outcome !== 'posted') throw new Error(`${key}: ${JSON.stringify(outcome)}`);
      return outcome.transaction;
    }),
  );

async function highestCursor(): Promise<number> {
  const { rows } = await scene.db.query<{ seq: number }>(
    'SELECT max(cursor_seq)::int AS seq FROM ledger.lanes',
  );
  return rows[0]!.seq;
}

async function lastSeq(): Promise<number> {
  const nc = await scene.fleet.connect('operator');
  try {
    const manager = await jetstreamManager(nc);
    return (await manager.streams.info('LEDGER_COMMANDS')).state.last_seq;
  } finally {
    await nc.close();
  }
}

async function epochs(): Promise<number[]> {
  const { rows } = await scene.db.query<{ stream_epoch: number }>(
    'SELECT stream_epoch FROM ledger.lanes ORDER BY lane',
  );
  return rows.map(({ stream_epoch }) => stream_epoch);
}
