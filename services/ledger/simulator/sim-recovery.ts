import type { LaneMarks } from '../src/recovery/lane-marks.ts';
import type { AnnouncedHistory } from '../src/recovery/recovery.ts';
import { StoreUnavailableError } from '../src/store/errors.ts';
import type { Database } from './database.ts';
import type { EventLog } from './event-log.ts';
import type { Machine, World } from './world.ts';

/** A schedule has one or two. */
const PAGE = 24;

interface Parts {
  readonly world: World;
  readonly machine: Machine;
  readonly database: Database;
  readonly events: EventLog;
}

/** Lanes' rows over connections of their own, one statement each. */
export function simMarks({ world, machine, database }: Parts): LaneMarks {
  const ask = <T>(work: () => T): Promise<T> =>
    roundTrip(world, machine, () => {
      if (!database.up) throw new StoreUnavailableError('the database is down');
      return work();
    });
  return {
    read: () =>
      ask(() =>
        database.lanes.map(({ lane, streamEpoch, cursor, replayUntil, replayAliveMs, published }) => ({
          lane,
          streamEpoch,
          cursorSeq: cursor.seq,
          cursorTimeMs: cursor.timeMs ?? 0,
          replayUntil,
          aliveMs: replayAliveMs,
          publishedAtMs: published.atMs ?? 0,
        })),
      ),
    replay: (lanes, { untilSeq, aliveMs }) =>
      ask(() => {
        for (const row of lanes.map((lane) => database.lanes[lane]!)) {
          if (row.replayUntil >= untilSeq) continue;
          row.replayUntil = untilSeq;
          row.replayAliveMs = aliveMs;
        }
      }),
    compared: (titles) =>
      ask(() => {
        for (const { lane, epoch } of titles) {
          const row = database.lanes[lane]!;
          if (row.epoch === epoch) row.comparedEpoch = epoch;
        }
      }),
  };
}

export function simHistory({ world, machine, events }: Parts): AnnouncedHistory {
  return {
    span: () => roundTrip(world, machine, () => ({ firstSeq: 1, lastSeq: events.stored.length })),
    async *backTo(sinceMs, { firstSeq, lastSeq }) {
      for (let to = lastSeq; to >= firstSeq && to > 0; to -= PAGE) {
        const page = events.stored.slice(Math.max(firstSeq, to - PAGE + 1) - 1, to);
        const young = page.filter(({ storedMs }) => storedMs >= sinceMs);
        yield await roundTrip(world, machine, () => young);
        if (young.length === 0) return;
      }
    },
    newestBefore: (beforeMs) =>
      roundTrip(
        world,
        machine,
        () => events.stored.findLast(({ storedMs }) => storedMs < beforeMs)?.decidedAtMs ?? null,
      ),
  };
}

function roundTrip<T>(world: World, machine: Machine, work: () => T): Promise<T> {
  const { promise, resolve, reject } = Promise.withResolvers<T>();
  world.after(world.latency(), () => {
    let settle: () => void;
    try {
      const answer = work();
      settle = () => resolve(answer);
    } catch (error) {
      settle = () => reject(error);
    }
    world.after(world.latency(), settle, machine);
  });
  return promise;
}
