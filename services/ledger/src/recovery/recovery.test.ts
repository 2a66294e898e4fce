import { laneOf } from '@b2b-charge/contracts';
import type { Logger } from '@b2b-charge/runtime';
import { expect, it } from 'vitest';
import type { Command } from '../domain/command.ts';
import type { LaneMark } from './lane-marks.ts';
import type { Announced } from './lost-tail.ts';
import { LostTailRecovery } from './recovery.ts';

const LANES = 2;
const [ONE, OTHER] = [0, 1].map((lane) => {
  for (let id = 1; ; id++) if (laneOf(id, LANES) === lane) return id;
}) as [number, number];

const event = (vendorId: number, streamSeq: number): Announced => ({
  ...{ vendorId, streamSeq, streamEpoch: 1, decidedAtMs: 1_000 + streamSeq },
});
const mark = (lane: number, cursorSeq: number, replayUntil: number): LaneMark => ({
  ...{ lane, cursorSeq, replayUntil, streamEpoch: 1, aliveMs: 5_000, publishedAtMs: 0 },
});

it('looks for what a lane lost behind everything that others have announced since', async () => {
  // The other lane was taken by a process that noticed, decided its tail again, and has gone on for a page and more.
  const pages = [[event(ONE, 31), event(ONE, 30)], [event(ONE, 21)], [event(OTHER, 12), event(OTHER, 11)]];
  const noticed: unknown[] = [];
  const recovery = new LostTailRecovery({
    marks: {
      read: async () => [mark(0, 31, 20), mark(1, 10, 20)],
      replay: async () => {},
      compared: async () => {},
    },
    log: { lastSeq: async () => 31, firstSeq: async () => 1, holds: async () => true, read: () => never() },
    events: {
      span: async () => ({ firstSeq: 1, lastSeq: 5 }),
      async *backTo() {
        yield* pages;
      },
    },
    lanes: LANES,
    logger: { error: (fields: unknown) => noticed.push(fields) } as unknown as Logger,
    wentBack: () => {},
  });
  const title = { lane: 1, epoch: 2, streamEpoch: 1, cursor: { seq: 10, messageId: null, timeMs: null } };
  await recovery.compare([{ ...title, published: { streamEpoch: 1, streamSeq: 10, atMs: null } }]);
  const command = { streamSeq: 12, timeMs: 900, expiresAtMs: null } as Command;
  expect(recovery.asOf(1, command)).toBe(1_012);
  expect(noticed).toEqual([{ outcomes: 2 }]);
});

const never = (): never => {
  throw new Error('nobody reads');
};
