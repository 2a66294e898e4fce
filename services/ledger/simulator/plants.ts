import type { VendorId } from '@b2b-charge/contracts';
import type { VendorState } from '../src/domain/vendor-state.ts';
import type { CommandLog, LedgerStore, OpenBatch } from '../src/process/ports.ts';
import type { Announcer } from '../src/process/process-options.ts';
import { DeposedError, StoreUnavailableError } from '../src/store/errors.ts';
import type { BatchWrites } from '../src/store/write-batch.ts';
import type { Plant } from './stage.ts';

export const storeWith = (store: LedgerStore, change: Partial<LedgerStore>): LedgerStore => ({
  connect: () => store.connect(),
  close: () => store.close(),
  openBatch: (moves, entries) => store.openBatch(moves, entries),
  rollback: () => store.rollback(),
  renew: (states) => store.renew(states),
  claim: (atMost, held) => store.claim(atMost, held),
  release: (states) => store.release(states),
  leave: () => store.leave(),
  raiseStreamEpoch: (lane, epoch, announcedToMs) => store.raiseStreamEpoch(lane, epoch, announcedToMs),
  ...change,
});

const logWith = (log: CommandLog, change: Partial<CommandLog>): CommandLog => ({
  read: (afterSeq, deliver, broke) => log.read(afterSeq, deliver, broke),
  holds: (cursor) => log.holds(cursor),
  lastSeq: () => log.lastSeq(),
  firstSeq: () => log.firstSeq(),
  ...change,
});

export const announcerWith = (announcer: Announcer, change: Partial<Announcer>): Announcer => ({
  open: (title) => announcer.open(title),
  close: (lane) => announcer.close(lane),
  committed: (batch) => announcer.committed(batch),
  published: (title) => announcer.published(title),
  room: () => announcer.room(),
  ...change,
});

/** A store whose open batches are changed before they are used. */
export const batchesWith = (
  store: LedgerStore,
  change: (open: OpenBatch, commit: (writes: BatchWrites) => Promise<void>) => OpenBatch,
): LedgerStore =>
  storeWith(store, {
    openBatch: async (moves, entries) => {
      const open = await store.openBatch(moves, entries);
      return change(open, (writes) => open.commit(writes));
    },
  });

export const knowing = (
  store: LedgerStore,
  change: (known: OpenBatch['knowledge']) => Partial<OpenBatch['knowledge']>,
): LedgerStore =>
  batchesWith(store, ({ knowledge }, commit) => ({
    knowledge: { ...knowledge, ...change(knowledge) },
    commit,
  }));

/** Defects that the simulator has to find; each stands for a line that somebody may lose one day. */
export const PLANTS: Readonly<Record<string, Plant>> = {
  'the fence is gone': { fence: () => true },
  'the cursor is moved outside of the transaction': {
    tamper: ({ store, ...ports }, _world, { lanes }) => ({
      ...ports,
      store: storeWith(store, {
        openBatch: (moves, entries) => {
          for (const { lane, epoch, cursor } of moves) {
            if (lanes[lane]!.epoch === epoch) lanes[lane]!.cursor = cursor;
          }
          return store.openBatch(moves, entries);
        },
      }),
    }),
  },
  'a rolled back log is not noticed': {
    tamper: ({ log, ...ports }) => ({
      ...ports,
      log: logWith(log, { holds: async () => true }),
    }),
  },
  'a rolled back log is noticed by its length alone': {
    tamper: ({ log, ...ports }, _world, _database, stream) => ({
      ...ports,
      log: logWith(log, { holds: async ({ seq }) => stream.lastSeq >= seq || log.holds({ seq, ...NOBODY }) }),
    }),
  },
  'a rolled back lane is read again under its old stream epoch': {
    tamper: ({ store, ...ports }, _world, { lanes }) => ({
      ...ports,
      store: storeWith(store, {
        raiseStreamEpoch: async (lane, epoch, announcedToMs) => {
          const title = await store.raiseStreamEpoch(lane, epoch, announcedToMs);
          lanes[lane]!.streamEpoch = title.streamEpoch - 1;
          return { ...title, streamEpoch: title.streamEpoch - 1 };
        },
      }),
    }),
  },
  'the old reader goes on when the log is back': { resync: false },
  'replies go out before the commit': {
    tamper: ({ store, ...ports }) => ({
      ...ports,
      store: batchesWith(store, ({ knowledge }, commit) => ({
        knowledge,
        commit: async (writes) => void commit(writes).catch(() => {}),
      })),
    }),
  },
  'a commit without an answer is taken for a success': {
    tamper: ({ store, ...ports }) => ({
      ...ports,
      store: batchesWith(store, ({ knowledge }, commit) => ({
        knowledge,
        commit: (writes) =>
          commit(writes).catch((error: unknown) => {
            if (!(error instanceof StoreUnavailableError)) throw error;
          }),
      })),
    }),
  },
  'a batch that the database refuses is skipped': {
    tamper: ({ store, ...ports }) => ({
      ...ports,
      store: batchesWith(store, ({ knowledge }, commit) => ({
        knowledge,
        commit: (writes) =>
          commit(writes).catch((error: unknown) => {
            if (error instanceof StoreUnavailableError) throw error;
          }),
      })),
    }),
  },
  'message ids are forgotten': {
    tamper: ({ store, ...ports }) => ({ ...ports, store: knowing(store, () => ({ known: new Map() })) }),
  },
  'dead letters are forgotten when the log is read again': {
    tamper: ({ store, ...ports }) => ({ ...ports, store: knowing(store, () => ({ buried: new Map() })) }),
  },
  'deadlines are held against the time at which the process connected': {
    tamper: ({ store, ...ports }) => {
      let nowMs: number | null = null;
      const stopped = knowing(store, (known) => {
        nowMs ??= known.nowMs;
        return { nowMs };
      });
      return { ...ports, store: stopped };
    },
  },
  'vendors are remembered though their lane has changed hands': {
    tamper: ({ store, ...ports }) => {
      const remembered = new Map<VendorId, VendorState>();
      const forgetful = batchesWith(store, ({ knowledge }, commit) => ({
        knowledge: { ...knowledge, vendors: new Map([...knowledge.vendors, ...remembered]) },
        commit: async (writes) => {
          await commit(writes);
          for (const state of writes.vendors) remembered.set(state.vendorId, state);
        },
      }));
      return { ...ports, store: forgetful };
    },
  },
  'a lane is taken before its lease has run out, without a new epoch, and the fence looks at that alone': {
    fence: (row, { epoch }) => row.epoch === epoch,
    tamper: ({ store, ...ports }, _world, { lanes, titleOf }) => ({
      ...ports,
      store: storeWith(store, {
        claim: async (atMost, held) => {
          const titles = await store.claim(atMost, held);
          const taken = titles.map(({ lane }) => lane);
          const others = lanes.filter(
            ({ lane, owner }) => owner && !held.includes(lane) && !taken.includes(lane),
          );
          return [...titles, ...others.map(titleOf)].slice(0, atMost);
        },
      }),
    }),
  },
  'a deposed owner goes on': {
    tamper: ({ store, ...ports }) => ({
      ...ports,
      store: storeWith(store, {
        openBatch: async (moves, entries) => {
          try {
            return await store.openBatch(moves, entries);
          } catch (error) {
            if (!(error instanceof DeposedError)) throw error;
            await store.rollback();
            return {
              knowledge: { ...NOTHING, nowMs: 0 },
              commit: async () => {},
            };
          }
        },
      }),
    }),
  },
  'idle lanes are moved over what was not read': {
    tamper: ({ store, ...ports }, _world, _database, stream) => ({
      ...ports,
      store: storeWith(store, {
        renew: (states) => {
          const last = stream.at(stream.lastSeq);
          if (!last) return store.renew(states);
          const { streamSeq: seq, timeMs } = last;
          const cursor = { seq, timeMs, messageId: last.header('Message-Id') || null };
          return store.renew(states.map((state) => ({ ...state, cursor })));
        },
      }),
    }),
  },
  'events are taken for published when they are read': {
    tamper: ({ announcer, ...ports }) => ({
      ...ports,
      announcer: announcerWith(announcer, {
        published: ({ streamEpoch, cursor }) => ({ streamEpoch, streamSeq: cursor.seq, atMs: cursor.timeMs }),
      }),
    }),
  },
};

const NOBODY = { messageId: null, timeMs: null };
const NOTHING = {
  vendors: new Map(),
  known: new Map(),
  originals: new Map(),
  recalculations: new Map(),
  buried: new Map(),
};
