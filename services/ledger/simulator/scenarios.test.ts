import { laneOf } from '@b2b-charge/contracts';
import { describe, expect, it } from 'vitest';
import { SLACK_MS } from '../src/recovery/recovery.ts';
import { LANES } from './callers.ts';
import { calmStage, epochsOf, errand, funded, once, ownersOf, VENDORS } from './calm.ts';
import { charge, credit, open } from './given.ts';
import { announcerWith, storeWith } from './plants.ts';
import { LEASE_MS, POISON } from './sim-store.ts';

describe('ownership', () => {
  it('of a killed process passes on when its lease has run out', async () => {
    const stage = calmStage(2);
    await stage.runFor(3 * LEASE_MS);
    const [victim, other] = stage.fleet.members;
    stage.fleet.kill(victim!);
    await stage.runFor(1.5 * LEASE_MS);
    expect(new Set(ownersOf(stage))).toEqual(new Set([other!.machine.name]));
  });

  it('of a stopping process passes on at once', async () => {
    const stage = calmStage(2);
    await stage.runFor(3 * LEASE_MS);
    const [victim, other] = stage.fleet.members;
    stage.fleet.stop(victim!);
    await stage.runFor(LEASE_MS / 2);
    expect(new Set(ownersOf(stage))).toEqual(new Set([other!.machine.name]));
  });

  it('passes on at once whenever a process is asked to stop', async () => {
    for (let atMs = 0; atMs < LEASE_MS / 4; atMs += 3) {
      const stage = calmStage(1);
      await stage.runFor(LEASE_MS + atMs);
      stage.fleet.stop(stage.fleet.members[0]!);
      await stage.runFor(50);
      expect(stage.fleet.alive).toEqual([]);
      expect(ownersOf(stage)).toEqual([null, null, null]);
    }
  });

  it('of one lane lost in the middle of a batch costs none of the others, nor their commands', async () => {
    let robber: 'waits' | 'strikes' | 'is done' = 'waits';
    const stage = calmStage(1, {
      tamper: ({ store, ...ports }, world, { lanes }) => ({
        ...ports,
        store: storeWith(store, {
          openBatch: async (moves, entries) => {
            // While the first batch takes its time, commands of all lanes gather for the second.
            if (entries.length === 1) await new Promise<void>((resolve) => world.after(100, resolve));
            if (moves.length === LANES && robber === 'strikes') {
              robber = 'is done';
              Object.assign(lanes[0]!, {
                epoch: lanes[0]!.epoch + 1,
                owner: 'another',
                leaseUntilMs: Infinity,
              });
            }
            return store.openBatch(moves, entries);
          },
        }),
      }),
    });
    stage.callers.start(VENDORS.map((vendor) => errand(vendor, open(), 0)));
    await stage.runFor(LEASE_MS);
    const [first, ...before] = epochsOf(stage);
    robber = 'strikes';
    const other = VENDORS.find((vendor) => laneOf(vendor, LANES) !== 0)!;
    stage.callers.start([once(other, { type: 'rebuild' }, 0)]);
    stage.callers.start(VENDORS.map((vendor) => once(vendor, credit('1.00'), 20)));
    await stage.runFor(LEASE_MS);
    const { books, lanes } = stage.database;
    expect(robber).toBe('is done');
    expect(epochsOf(stage)).toEqual([first! + 1, ...before]);
    const [robbed, ...kept] = [...lanes.values()];
    expect(robbed!.owner).toBe('another');
    expect(kept.map(({ cursor }) => cursor.seq)).toEqual(kept.map(() => stage.stream.lastSeq));
    expect(kept).toHaveLength(LANES - 1);
    const funded = VENDORS.filter((vendor) => (books.vendors.get(vendor)?.balance ?? 0n) > 0n);
    expect(funded).toEqual(VENDORS.filter((vendor) => laneOf(vendor, LANES) !== 0));
  });

  it('is shared with a process that joins', async () => {
    const stage = calmStage(1);
    await stage.runFor(LEASE_MS);
    expect(new Set(ownersOf(stage)).size).toBe(1);
    stage.fleet.start();
    stage.fleet.start();
    await stage.runFor(2 * LEASE_MS);
    expect(new Set(ownersOf(stage)).size).toBe(3);
  });

  it('stays, and can be handed over, while the events’ stream has no room', async () => {
    const never = new Promise<void>(() => {});
    const stage = calmStage(2, {
      tamper: ({ announcer, ...ports }) => ({
        ...ports,
        announcer: announcerWith(announcer, { room: () => never }),
      }),
    });
    await stage.runFor(3 * LEASE_MS);
    const before = epochsOf(stage);
    await stage.runFor(5 * LEASE_MS);
    expect(epochsOf(stage)).toEqual(before);
    for (const member of stage.fleet.alive) stage.fleet.stop(member);
    await stage.runFor(LEASE_MS / 2);
    expect(ownersOf(stage)).toEqual([null, null, null]);
    expect(stage.fleet.alive).toEqual([]);
  });
});

describe('a command that the database chokes on', () => {
  it('becomes a dead letter without costing the lease, however many there are of it', async () => {
    const stage = calmStage(2);
    stage.callers.start(funded());
    await stage.runFor(3 * LEASE_MS);
    const before = epochsOf(stage);
    const [vendor] = VENDORS;
    const poison = Array.from({ length: 7 }, () => charge(`${POISON / 100n}.00`));
    const batch = [...poison, charge('10.00')];
    stage.callers.start(batch.map((request) => errand(vendor!, request, 10)));
    await stage.settle();
    expect(stage.faults()).toEqual([]);
    expect(epochsOf(stage)).toEqual(before);
    expect(stage.database.books.vendors.get(vendor!)!.balance).toBe(99_000n);
    expect(new Set(stage.database.unexecuted.map(({ reason }) => reason))).toEqual(new Set(['FAILED']));
  });
});

describe('a database that was restored', () => {
  it('is decided again as before, though the process that began with it dies much later', async () => {
    let restored = false;
    const stage = calmStage(1, {
      tamper: ({ store, marks, ...ports }, world) => ({
        ...ports,
        // The comparison takes longer than a renewal is due, and then no batch gets anywhere.
        marks: {
          ...marks,
          compared: async (titles) => {
            await marks.compared(titles);
            if (restored) await new Promise<void>((resolve) => world.after(LEASE_MS / 2, resolve));
          },
        },
        store: storeWith(store, {
          openBatch: async (moves, entries) => {
            if (restored) await new Promise<void>(() => {});
            return store.openBatch(moves, entries);
          },
        }),
      }),
    });
    stage.callers.start(funded());
    await stage.settle();
    stage.snapshots.take();
    const { database } = stage;
    const sales = VENDORS.map((vendor) => ({ ...errand(vendor, charge('1.00'), 0), dueMs: 2_000 }));
    stage.callers.start(sales);
    await stage.settle();
    await stage.runFor(2 * SLACK_MS);
    for (const backend of [...database.backends]) database.disconnect(backend);
    stage.snapshots.restore();
    restored = true;
    await stage.runFor(2 * LEASE_MS);
    restored = false;
    stage.fleet.kill(stage.fleet.members[0]!);
    stage.fleet.start();
    await stage.settle();
    expect(stage.faults()).toEqual([]);
  });
});
