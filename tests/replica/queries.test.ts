import { afterAll, beforeAll, expect, test } from 'vitest';
import { waitFor } from '../harness.ts';
import { openScene, type Scene, VENDORS } from './scene.ts';

/** Queries with a streaming replica: whatever it does, nobody reads what is older than what he was told. */

let scene: Scene;
beforeAll(async () => {
  scene = await openScene();
}, 90_000);
afterAll(() => scene?.[Symbol.asyncDispose]());

/** Sells, and reads at once what it came to; each vendor's own till, all at once. */
async function sellAndRead(times: number): Promise<void> {
  await Promise.all(
    VENDORS.map(async (vendorId) => {
      for (let sale = 0; sale < times; sale++) {
        const outcome = await scene.charge(vendorId);
        const told = outcome.outcome === 'posted' ? outcome.transaction : null;
        const { balance, seq } = await scene.vendor(vendorId);
        expect({ balance, seq }).toEqual({ balance: told!.balance_after, seq: told!.seq });
      }
    }),
  );
}

/** How many more were answered, by whom. */
async function during(work: () => Promise<void>): Promise<Record<string, number>> {
  const before = await scene.answered();
  await work();
  const after = await scene.answered();
  return Object.fromEntries(
    Object.entries(after)
      .map(([by, count]) => [by, count - (before[by] ?? 0)] as const)
      .filter(([, count]) => count > 0),
  );
}

test('a replica answers, and knows of every charge that anybody was told of', async () => {
  const { replica = 0 } = await during(() => sellAndRead(20));
  expect(replica).toBeGreaterThan(0);
});

test('a question that is refused says nothing against it', async () => {
  const answered = await during(async () => {
    for (let asked = 0; asked < 4; asked++)
      await expect(scene.vendors('x')).rejects.toThrow('cursor: is none');
    await sellAndRead(1);
  });
  expect(answered).not.toHaveProperty('failed');
  expect(answered).not.toHaveProperty('unreachable');
});

test('one that is a little behind is waited for', async () => {
  await scene.onReplica("ALTER SYSTEM SET recovery_min_apply_delay = '10ms'");
  await scene.onReplica('SELECT pg_reload_conf()');
  const { replica = 0 } = await during(() => sellAndRead(10));
  expect(replica).toBeGreaterThan(0);
  await scene.onReplica('ALTER SYSTEM RESET recovery_min_apply_delay');
  await scene.onReplica('SELECT pg_reload_conf()');
});

test('while its replay stands still the primary answers, and the lag is told', async () => {
  await scene.onReplica('SELECT pg_wal_replay_pause()');
  const behind = await during(() => sellAndRead(3));
  expect(behind).toEqual({ lagging: 3 * VENDORS.length });
  const metrics = await (await fetch(`${scene.fleet.of('ledger')[0]!.process.opsUrl}/metrics`)).text();
  expect(Number(/^b2b_ledger_replica_lag_bytes (\d+)$/m.exec(metrics)?.[1])).toBeGreaterThan(0);
  await scene.onReplica('SELECT pg_wal_replay_resume()');
  const { replica = 0 } = await during(() => sellAndRead(3));
  expect(replica).toBeGreaterThan(0);
});

test('killed, nobody notices; back again, it answers again', async () => {
  await scene.replica.server.kill('SIGKILL');
  const gone = await during(() => sellAndRead(3));
  expect(gone.replica).toBeUndefined();
  expect((gone.unreachable ?? 0) + (gone.failed ?? 0)).toBe(3 * VENDORS.length);
  await scene.replica.server.restart();
  await waitFor(async () => ((await during(() => sellAndRead(1))).replica ?? 0) === VENDORS.length);
});

test('gone without a word, it holds nobody up for long', async () => {
  scene.link.stall();
  const { failed = 0 } = await during(() => sellAndRead(1));
  expect(failed).toBeGreaterThan(0);
  await waitFor(async () => ((await during(() => sellAndRead(1))).replica ?? 0) === VENDORS.length);
});

test('promoted by mistake, it is no replica any more', async () => {
  await scene.replica.promote();
  expect(await during(() => sellAndRead(1))).toEqual({ promoted: VENDORS.length });
});
