import { laneOf } from '@b2b-charge/contracts';
import { describe, expect, it } from 'vitest';
import { LANES } from './callers.ts';
import { calmStage, epochsOf, errand, funded, ownersOf, VENDORS } from './calm.ts';
import { charge } from './given.ts';
import { announcerWith } from './plants.ts';
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
    const stage = calmStage(1);
    stage.callers.start(funded());
    await stage.settle();
    const before = epochsOf(stage);
    const { lanes } = stage.database;
    // Somebody takes lane 0 over, while a batch of all lanes is on its way.
    stage.callers.start(VENDORS.map((vendor) => errand(vendor, charge('1.00'), 0)));
    await stage.world.run(() => stage.fleet.members[0]!.ledger.waiting >= VENDORS.length);
    Object.assign(lanes[0]!, {
      epoch: before[0]! + 1,
      owner: 'another',
      leaseUntilMs: Number.MAX_SAFE_INTEGER,
    });
    await stage.runFor(LEASE_MS);
    const sold = [...stage.database.books.chains.values()].flat().filter(({ type }) => type === 'charge');
    expect(new Set(sold.map(({ vendorId }) => laneOf(vendorId, LANES)))).toEqual(new Set([1, 2]));
    expect(epochsOf(stage)).toEqual([before[0]! + 1, before[1], before[2]]);
    expect(lanes.slice(1).map(({ cursor }) => cursor.seq)).toEqual([
      stage.stream.lastSeq,
      stage.stream.lastSeq,
    ]);
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
