import { laneOf } from '@b2b-charge/contracts';
import type { Logger } from '@b2b-charge/runtime';
import { describe, expect, it } from 'vitest';
import type { Command } from '../domain/command.ts';
import type { LaneMark } from './lane-marks.ts';
import type { Announced } from './lost-tail.ts';
import { LostTailRecovery } from './recovery.ts';

const LANES = 2;
const [ONE, OTHER] = [0, 1].map((lane) => {
  for (let id = 1; ; id++) if (laneOf(id, LANES) === lane) return id;
}) as [number, number];

const event = (vendorId: number, streamSeq: number): Announced => ({
  vendorId,
  streamSeq,
  streamEpoch: 1,
  decidedAtMs: 1_000 + streamSeq,
  storedMs: 1_000 + streamSeq,
});
const mark = (lane: number, cursorSeq: number, replayUntil: number): LaneMark => ({
  lane,
  cursorSeq,
  replayUntil,
  streamEpoch: 1,
  cursorTimeMs: 0,
  aliveMs: 5_000,
  publishedAtMs: 0,
});

/** A recovery of two lanes, and what it says that the database lost. */
function recoveryOf(marks: readonly LaneMark[], pages: readonly (readonly Announced[])[]) {
  const noticed: unknown[] = [];
  const rows = new Map(marks.map((row) => [row.lane, row]));
  let read = 0;
  const recovery = new LostTailRecovery({
    marks: {
      read: async () => [...rows.values()],
      replay: async (lanes, { untilSeq: replayUntil, aliveMs }) => {
        for (const lane of lanes) rows.set(lane, { ...rows.get(lane)!, replayUntil, aliveMs });
      },
      compared: async () => {},
    },
    log: { lastSeq: async () => 31, firstSeq: async () => 1, holds: async () => true, read: () => never() },
    events: {
      span: async () => ({ firstSeq: 1, lastSeq: 5 }),
      async *backTo() {
        for (const page of pages) {
          read++;
          yield page;
        }
      },
      newestBefore: async (beforeMs) =>
        pages.flat().find(({ storedMs }) => storedMs < beforeMs)?.decidedAtMs ?? null,
    },
    lanes: LANES,
    logger: { error: (fields: unknown) => noticed.push(fields) } as unknown as Logger,
    wentBack: () => {},
  });
  return { recovery, noticed, pagesRead: () => read };
}
const title = { lane: 1, epoch: 2, streamEpoch: 1, cursor: { seq: 10, messageId: null, timeMs: null } };
const taken = { ...title, published: { streamEpoch: 1, streamSeq: 10, atMs: null } };
const lost = { streamSeq: 12, timeMs: 900, expiresAtMs: null } as Command;

it('looks for what a lane lost behind everything that others have announced since', async () => {
  // The other lane was taken by a process that noticed, decided its tail again, and has gone on for a page and more.
  const pages = [[event(ONE, 31), event(ONE, 30)], [event(ONE, 21)], [event(OTHER, 12), event(OTHER, 11)]];
  const { recovery, noticed } = recoveryOf([mark(0, 31, 20), mark(1, 10, 20)], pages);
  await recovery.compare([taken]);
  expect(recovery.asOf(1, lost)).toBe(1_012);
  expect(noticed).toEqual([{ outcomes: 2 }]);
});

describe('a database whose last command was stored at 5,000', () => {
  const marks = [mark(0, 31, 0), mark(1, 10, 0)].map((one) => ({ ...one, cursorTimeMs: 5_000 }));
  const older = (streamSeq: number) => ({ ...event(ONE, streamSeq), storedMs: 6_000 });

  it('has lost what is announced behind any number of older events that were published again', async () => {
    const again = Array.from({ length: 9 }, () => [older(3), older(2)]);
    const { recovery } = recoveryOf(marks, [...again, [{ ...event(OTHER, 12), storedMs: 5_500 }]]);
    await recovery.compare([taken]);
    expect(recovery.asOf(1, lost)).toBe(1_012);
  });

  it('cannot have lost what was announced before, and nobody looks there', async () => {
    const { recovery, pagesRead } = recoveryOf(marks, [[older(3)], [event(ONE, 2)], [event(OTHER, 12)]]);
    await recovery.compare([taken]);
    expect(pagesRead()).toBe(2);
  });
});

const never = (): never => {
  throw new Error('nobody reads');
};
