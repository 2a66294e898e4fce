import type { Logger } from '@b2b-charge/runtime';
import type { Msg } from '@nats-io/transport-node';
import { describe, expect, it } from 'vitest';
import type { Wanted } from '../lanes/announce-again.ts';
import type { LaneTitle, PublishedMark } from '../process/ports.ts';
import { noticeLostEvents, type StoredEvent, storedAs } from './lost-events.ts';

const DAY_MS = 86_400_000;
const NOON = Date.parse('2026-11-24T12:00:00Z');

const event = (seq: number): StoredEvent => ({ seq, id: `id-${seq}`, decidedAtMs: NOON + seq });
const lane = (number: number, streamEpoch = 1) => ({ lane: number, streamEpoch }) as LaneTitle;

/** A stream that holds what the test says, and a process that has lanes 1 and 2. */
function inspector({ moved = [1, 2] }: { readonly moved?: number[] } = {}) {
  const world = {
    acknowledged: [] as StoredEvent[],
    /** Null: every event. */
    held: null as readonly number[] | null,
    newest: null as number | null,
    lanes: [lane(1), lane(2)],
    asked: [] as number[],
    askedBefore: Number.NaN,
    again: [] as Wanted[],
    reported: [] as unknown[],
    pauses: 0,
    paused: () => {},
  };
  const look = noticeLostEvents({
    stored: () => world.acknowledged.splice(0),
    lanes: () => world.lanes,
    events: {
      holds: async ({ seq }) => {
        world.asked.push(seq);
        return world.held?.includes(seq) ?? true;
      },
      newestBefore: async (beforeMs) => {
        world.askedBefore = beforeMs;
        return world.newest;
      },
    },
    announceAgain: async (wanted) => {
      world.again.push(wanted);
      return moved;
    },
    pause: async () => {
      world.pauses++;
      world.paused();
    },
    processId: 'a',
    logger: {
      error: (fields: unknown, text: string) => text !== '' && world.reported.push(fields),
    } as unknown as Logger,
  });
  return { world, look };
}

it('an acknowledged event is known by its number in the stream, its id and its time', () => {
  const message = { json: () => ({ seq: 41 }) } as Msg;
  const place: PublishedMark = { streamEpoch: 1, streamSeq: 9, atMs: 1_000 };
  expect(storedAs({ event: { id: 'x', place }, message })).toEqual({ seq: 41, id: 'x', decidedAtMs: 1_000 });
  const undated = { ...place, atMs: null };
  expect(storedAs({ event: { id: 'x', place: undated }, message }).decidedAtMs).toBe(0);
});

describe('a stream that holds what it acknowledged', () => {
  it('is left alone, and asked for the last event again at the next look', async () => {
    const { world, look } = inspector();
    world.acknowledged = [event(5), event(9)];
    await look();
    world.acknowledged = [event(10)];
    await look();
    await look();
    expect(world.asked).toEqual([5, 9, 9, 10, 10]);
    expect(world).toMatchObject({ again: [], reported: [], pauses: 0 });
  });

  it('after a pause only was a server that is catching up', async () => {
    const { world, look } = inspector();
    world.acknowledged = [event(5)];
    world.held = [];
    world.paused = () => {
      world.held = [5];
    };
    await look();
    expect(world).toMatchObject({ asked: [5, 5], again: [], pauses: 1 });
  });

  it('is asked for the first and the last since a look that failed', async () => {
    const { world, look } = inspector();
    world.acknowledged = [event(5), event(9)];
    world.paused = () => {
      throw new Error('no answer');
    };
    world.held = [];
    await expect(look()).rejects.toThrow('no answer');
    world.acknowledged = [event(12), event(20)];
    world.held = null;
    world.asked = [];
    await look();
    expect(world.asked).toEqual([5, 9, 12, 20]);
  });

  it('is asked once for an event whose look failed', async () => {
    const { world, look } = inspector();
    world.held = [];
    world.paused = () => {
      throw new Error('no answer');
    };
    world.acknowledged = [event(5)];
    await expect(look()).rejects.toThrow('no answer');
    world.held = null;
    world.asked = [];
    await look();
    expect(world.asked).toEqual([5]);
  });

  it('keeps two events at most in mind, however many looks fail', async () => {
    const { world, look } = inspector();
    world.held = [];
    world.paused = () => {
      throw new Error('no answer');
    };
    for (const seq of [5, 12, 20]) {
      world.acknowledged = [event(seq), event(seq + 1)];
      await expect(look()).rejects.toThrow('no answer');
    }
    world.held = null;
    world.asked = [];
    await look();
    expect(world.asked).toEqual([5, 21]);
  });
});

describe('a stream that lost events', () => {
  it('has them announced again, from the newest that it holds of the time before', async () => {
    const { world, look } = inspector();
    world.acknowledged = [event(5), event(9)];
    world.held = [5];
    world.newest = NOON - 77;
    await look();
    // The clocks of the database and of the server may differ by ten seconds.
    expect(world.askedBefore).toBe(NOON + 9 - 10_000);
    expect(world.again).toEqual([{ sinceMs: NOON - 77, held: { owner: 'a', lanes: [1, 2] } }]);
    expect(world.reported).toEqual([{ lost: 9, since: '2026-11-24T11:59:59.923Z', lanes: [1, 2] }]);
  });

  it.each([
    ['nothing of that time', null],
    ['nothing of the last six days', NOON - 7 * DAY_MS],
  ])('and holds %s has six days announced again', async (_, newest) => {
    const { world, look } = inspector();
    world.acknowledged = [event(5)];
    world.held = [];
    world.newest = newest;
    await look();
    expect(world.again).toMatchObject([{ sinceMs: NOON + 5 - 6 * DAY_MS }]);
  });

  it('is dealt with once: the next look begins with what is stored since', async () => {
    const { world, look } = inspector();
    world.acknowledged = [event(5), event(9)];
    world.held = [];
    await look();
    world.asked = [];
    await look();
    expect(world).toMatchObject({ asked: [], again: [{}] });
  });

  it('is not reported by a process that had no lane left', async () => {
    const { world, look } = inspector({ moved: [] });
    world.acknowledged = [event(5)];
    world.held = [];
    await look();
    expect(world.reported).toEqual([]);
  });

  it('together with the command log is left to the lane’s owner', async () => {
    const { world, look } = inspector();
    world.acknowledged = [event(5)];
    await look();
    world.lanes = [lane(1, 2), lane(2), lane(3)];
    world.held = [];
    await look();
    expect(world.again).toMatchObject([{ held: { lanes: [2, 3] } }]);
  });
});
