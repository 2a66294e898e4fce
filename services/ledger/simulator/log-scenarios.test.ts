import { laneOf } from '@b2b-charge/contracts';
import { describe, expect, it } from 'vitest';
import { LANES } from './callers.ts';
import { calmStage, errand, funded, once, VENDORS } from './calm.ts';
import { charge, open } from './given.ts';
import { batchesWith } from './plants.ts';
import { LEASE_MS } from './sim-store.ts';

describe('the log', () => {
  it('that comes back is read on within a second', async () => {
    const stage = calmStage(2);
    stage.callers.start(funded());
    await stage.settle();
    for (const { log, ledger } of stage.fleet.members) {
      for (const reader of log.readers) reader.interrupt();
      ledger.resync();
    }
    const before = stage.callers.told.length;
    stage.callers.start([errand(VENDORS[0]!, charge('1.00'), 0)]);
    await stage.runFor(1_000);
    expect(stage.callers.told.length).toBe(before + 1);
  });

  it('whose reader falls silent without a word is read on after two looks at it', async () => {
    const stage = calmStage(1);
    stage.callers.start(funded());
    await stage.settle();
    for (const reader of stage.fleet.members[0]!.log.readers) reader.interrupt();
    stage.callers.start([errand(VENDORS[0]!, charge('1.00'), 0)]);
    await stage.runFor(2_000);
    expect(stage.fleet.observed).toContainEqual({ kind: 'stalled' });
    expect(stage.faults()).toEqual([]);
  });

  it('whose reader breaks is read on after one look at it', async () => {
    const stage = calmStage(1);
    stage.callers.start(funded());
    await stage.settle();
    for (const reader of stage.fleet.members[0]!.log.readers) {
      reader.interrupt();
      reader.break();
    }
    stage.callers.start([errand(VENDORS[0]!, charge('1.00'), 0)]);
    await stage.runFor(600);
    expect(stage.fleet.observed).not.toContainEqual({ kind: 'stalled' });
    expect(stage.faults()).toEqual([]);
  });

  it('that was rolled back without a word is noticed at the next look at it', async () => {
    const stage = calmStage(1);
    stage.callers.start(funded());
    await stage.settle();
    for (const reader of stage.fleet.members[0]!.log.readers) reader.interrupt();
    stage.stream.crash(stage.stream.lastSeq - 2);
    stage.stream.up = true;
    stage.callers.start([errand(VENDORS[0]!, charge('1.00'), 0)]);
    await stage.runFor(600);
    expect(stage.fleet.observed).toContainEqual({ kind: 'rolled-back', lane: 0 });
    expect(stage.faults()).toEqual([]);
  });

  it('that has grown again while a batch was in hand is not read past what it lost', async () => {
    let slow = false;
    const stage = calmStage(2, {
      tamper: ({ store, ...ports }, world) => ({
        ...ports,
        store: batchesWith(store, ({ knowledge }, commit) => ({
          knowledge,
          commit: async (writes) => {
            await commit(writes);
            if (slow) await new Promise<void>((resolve) => world.after(LEASE_MS / 2, resolve));
          },
        })),
      }),
    });
    stage.callers.start(funded());
    await stage.settle();
    await stage.runFor(2 * LEASE_MS);
    const { lanes } = stage.database;
    const [first] = stage.fleet.members;
    const own = VENDORS.find((vendor) => lanes[laneOf(vendor, LANES)]!.owner === first!.machine.name)!;
    const other = VENDORS.find((vendor) => lanes[laneOf(vendor, LANES)]!.owner !== first!.machine.name)!;
    slow = true;
    stage.callers.start([errand(own, charge('1.00'), 0)]);
    await stage.runFor(100);
    // That message is lost; another of its own comes in its place, and some that are not its own behind it.
    stage.stream.crash(stage.stream.lastSeq - 1);
    stage.stream.up = true;
    const others = Array.from({ length: 4 }, () => once(other, charge('3.00'), 5));
    stage.callers.start([once(own, charge('2.00'), 0), ...others]);
    await stage.runFor(20);
    for (const { log, ledger } of stage.fleet.members) {
      for (const reader of log.readers) reader.interrupt();
      ledger.resync();
      for (const reader of log.readers) reader.resume();
    }
    await stage.settle();
    expect(stage.faults()).toEqual([]);
  });

  it('that was purged to its end raises no alarm', async () => {
    const stage = calmStage(1);
    stage.callers.start(funded());
    await stage.settle();
    stage.stream.sync();
    stage.stream.trim(() => true);
    stage.fleet.kill(stage.fleet.members[0]!);
    stage.fleet.start();
    await stage.runFor(10 * LEASE_MS);
    expect(stage.fleet.observed.filter(({ kind }) => kind === 'stalled' || kind === 'rolled-back')).toEqual(
      [],
    );
  });

  it('is noticed to be another one on each lane by itself, though two lanes stand at the same number', async () => {
    const stage = calmStage(0);
    const [first, second] = VENDORS;
    stage.callers.start([errand(first!, open(), 0)]);
    await stage.runFor(100);
    const { timeMs, publication } = stage.stream.at(1)!;
    const messageId = publication.headers.find(([name]) => name === 'Message-Id')![1];
    // The last lane stands at a message that a crash has lost; the others have seen what has its number now.
    for (const row of stage.database.lanes) row.cursor = { seq: 1, messageId, timeMs };
    stage.database.lanes.at(-1)!.cursor = { seq: 1, messageId: 'lost', timeMs: timeMs - 1_000 };
    stage.fleet.start();
    stage.callers.start([errand(second!, open(), 0)]);
    await stage.settle();
    expect(stage.fleet.observed).toContainEqual({ kind: 'rolled-back', lane: LANES - 1 });
    expect(stage.faults()).toEqual([]);
  });
});
