import type { CommandRequest, VendorId } from '@b2b-charge/contracts';
import { describe, expect, it } from 'vitest';
import { LANES } from './callers.ts';
import { type Errand, vendorsOn } from './errands.ts';
import { charge, credit, open } from './given.ts';
import { announcerWith } from './plants.ts';
import { LEASE_MS, POISON } from './sim-store.ts';
import { type Plant, Stage } from './stage.ts';

const VENDORS = vendorsOn(LANES);

/** A stage on which nothing fails but what the test does. */
function calmStage(processes: number, plant: Plant = {}): Stage {
  const stage = new Stage({ seed: 1, plant });
  stage.world.faulty = false;
  for (let started = 0; started < processes; started++) stage.fleet.start();
  return stage;
}

let named = 0;
const errand = (vendorId: VendorId, request: CommandRequest, atMs: number): Errand => {
  const name = `e${++named}`;
  const plain = { dueMs: null, forgets: false, spoilt: null };
  return { ...plain, name, key: name, vendorId, atMs, request: () => request };
};

/** Every vendor opened, with 1,000.00. */
const funded = (): Errand[] =>
  VENDORS.flatMap((vendor) => [errand(vendor, open(), 0), errand(vendor, credit('1000.00'), 20)]);

const ownersOf = ({ database }: Stage) => database.lanes.map(({ owner }) => owner);
const epochsOf = ({ database }: Stage) => database.lanes.map(({ epoch }) => epoch);

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
  it('becomes a dead letter without costing the lease; what stands around it is executed', async () => {
    const stage = calmStage(2);
    stage.callers.start(funded());
    await stage.runFor(3 * LEASE_MS);
    const before = epochsOf(stage);
    const [vendor] = VENDORS;
    const poison = [charge(`${POISON / 100n}.00`), charge(`${POISON / 100n}.00`)];
    const batch = [charge('1.00'), ...poison, charge('2.00'), charge('3.00'), charge('4.00')];
    stage.callers.start(batch.map((request) => errand(vendor!, request, 10)));
    await stage.settle();
    expect(stage.faults()).toEqual([]);
    expect(epochsOf(stage)).toEqual(before);
    expect(stage.database.books.vendors.get(vendor!)!.balance).toBe(99_000n);
    expect(new Set(stage.database.unexecuted.map(({ reason }) => reason))).toEqual(new Set(['FAILED']));
  });
});

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
    // Lane 0 stands at a message that a crash has lost; the other lanes have seen what has its number now.
    for (const row of stage.database.lanes) row.cursor = { seq: 1, messageId, timeMs };
    stage.database.lanes[0]!.cursor = { seq: 1, messageId: 'lost', timeMs: timeMs - 1_000 };
    stage.fleet.start();
    stage.callers.start([errand(second!, open(), 0)]);
    await stage.settle();
    expect(stage.fleet.observed).toContainEqual({ kind: 'rolled-back', lane: 0 });
    expect(stage.faults()).toEqual([]);
  });
});
