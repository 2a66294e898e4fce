import { describe, expect, it } from 'vitest';
import { Database } from '../../simulator/database.ts';
import { charge, command, credit, open, TEHRAN, VENDOR } from '../../simulator/given.ts';
import { POISON, SimStore } from '../../simulator/sim-store.ts';
import { World } from '../../simulator/world.ts';
import type { Command } from '../domain/command.ts';
import { type CommittedBatch, commitBatch } from './commit-batch.ts';
import type { LaneTitle, LedgerStore } from './ports.ts';

const POISONED = charge(`${POISON / 100n}.00`);

/** A store on which nothing fails but what the test does, and a lane that is owned. */
class Bench {
  readonly world = new World(1, false);
  readonly database = new Database(this.world, 1);
  readonly store = new SimStore(this.world, this.database, { name: 'a', alive: true, frozenUntilMs: 0 });
  readonly committed: CommittedBatch[] = [];
  readonly failures: [size: number, attempt: number][] = [];
  title!: LaneTitle;

  static async create(): Promise<Bench> {
    const bench = new Bench();
    bench.world.faulty = false;
    await bench.done(bench.store.connect());
    [bench.title] = (await bench.done(bench.store.claim(1, []))) as [LaneTitle];
    await bench.commit([open(), credit('1000.00')].map((request) => command({ request, key: request.type })));
    bench.committed.length = 0;
    return bench;
  }

  /** Lets virtual time pass until something is settled. */
  async done<T>(asked: Promise<T>): Promise<T> {
    let settled = false;
    const settle = () => {
      settled = true;
    };
    asked.then(settle, settle);
    await this.world.run(() => settled);
    return asked;
  }

  commit(batch: readonly Command[], store: LedgerStore = this.store): Promise<void> {
    return this.done(
      commitBatch(batch, {
        store,
        timeZone: TEHRAN,
        movesOf: (entries) => [
          { ...this.title, cursor: { seq: entries.at(-1)!.streamSeq, messageId: null, timeMs: null } },
        ],
        committed: (committed) => this.committed.push(committed),
        failed: (_error, entries, attempt) => this.failures.push([entries.length, attempt]),
        pause: async () => {},
      }),
    );
  }

  get told(): string[] {
    return this.committed.flatMap(({ decisions }) =>
      decisions.map((decision) => (decision.kind === 'dead' ? decision.reason : decision.kind)),
    );
  }
}

let sent = 0;
const batchOf = (size: number, poisoned: readonly number[]): Command[] =>
  Array.from({ length: size }, (_, index) =>
    command({
      request: poisoned.includes(index) ? POISONED : charge('1.00'),
      key: `c-${++sent}`,
      streamSeq: 1_000 + sent,
    }),
  );

describe('a batch that the database takes', () => {
  it('is committed once, whole', async () => {
    const bench = await Bench.create();
    await bench.commit(batchOf(5, []));
    expect(bench.committed).toHaveLength(1);
    expect(bench.failures).toEqual([]);
  });
});

describe('a batch that the database refuses', () => {
  it('is tried again whole, and is committed when it is taken', async () => {
    const bench = await Bench.create();
    let refusals = 2;
    const refusing = Object.assign(Object.create(null), {
      rollback: () => bench.store.rollback(),
      openBatch: (...asked: Parameters<LedgerStore['openBatch']>) => {
        if (refusals-- > 0) throw new Error('not this time');
        return bench.store.openBatch(...asked);
      },
    }) as LedgerStore;
    await bench.commit(batchOf(4, []), refusing);
    expect(bench.failures).toEqual([
      [4, 1],
      [4, 2],
    ]);
    expect(bench.committed.map(({ entries }) => entries.length)).toEqual([4]);
  });

  it.each([1, 2, 3, 5, 8, 13])(
    'because of any one of its %i commands buries that one and executes the rest, in order',
    async (size) => {
      for (let poisoned = 0; poisoned < size; poisoned++) {
        const bench = await Bench.create();
        const batch = batchOf(size, [poisoned]);
        await bench.commit(batch);
        expect(bench.committed.flatMap(({ entries }) => entries.map(({ messageId }) => messageId))).toEqual(
          batch.map(({ messageId }) => messageId),
        );
        expect(bench.told).toEqual(batch.map((_, index) => (index === poisoned ? 'FAILED' : 'recorded')));
        expect(bench.database.books.vendors.get(VENDOR)!.balance).toBe(100_000n - 100n * BigInt(size - 1));
      }
    },
  );

  it('because of all of its commands buries them all', async () => {
    const bench = await Bench.create();
    await bench.commit(batchOf(4, [0, 1, 2, 3]));
    expect(bench.told).toEqual(['FAILED', 'FAILED', 'FAILED', 'FAILED']);
  });

  it('tries three times before it gives a command up', async () => {
    const bench = await Bench.create();
    await bench.commit(batchOf(1, [0]));
    expect(bench.failures).toEqual([
      [1, 1],
      [1, 2],
      [1, 3],
    ]);
  });

  it('has each part announced when it is committed, and its cursor moved', async () => {
    const bench = await Bench.create();
    const batch = batchOf(4, [3]);
    await bench.commit(batch);
    expect(bench.committed.map(({ moves }) => moves[0]!.cursor.seq)).toEqual([
      batch[1]!.streamSeq,
      batch[2]!.streamSeq,
      batch[3]!.streamSeq,
    ]);
  });
});

describe('a batch is given up, not halved,', () => {
  it('when its lane has a new owner', async () => {
    const bench = await Bench.create();
    bench.database.lanes[0]!.epoch++;
    await expect(bench.commit(batchOf(4, []))).rejects.toThrow('new owner');
    expect(bench.committed).toEqual([]);
    expect(bench.failures).toEqual([]);
    expect(bench.database.backends.values().next().value?.transaction).toBeNull();
  });

  it('when the database is out of reach', async () => {
    const bench = await Bench.create();
    for (const backend of [...bench.database.backends]) bench.database.disconnect(backend);
    await expect(bench.commit(batchOf(4, []))).rejects.toThrow('connection to the database broke');
    expect(bench.committed).toEqual([]);
    expect(bench.failures).toEqual([]);
  });
});
