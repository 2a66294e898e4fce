import { laneOf } from '@b2b-charge/contracts';
import type { Logger } from '@b2b-charge/runtime';
import type { Command } from '../src/domain/command.ts';
import type { LaneMark } from '../src/recovery/lane-marks.ts';
import type { Announced } from '../src/recovery/lost-tail.ts';
import { LostTailRecovery } from '../src/recovery/recovery.ts';

const LANES = 2;
export const [ONE, OTHER] = [0, 1].map((lane) => {
  for (let id = 1; ; id++) if (laneOf(id, LANES) === lane) return id;
}) as [number, number];

export const event = (vendorId: number, streamSeq: number): Announced => ({
  vendorId,
  streamSeq,
  streamEpoch: 1,
  decidedAtMs: 1_000 + streamSeq,
  storedMs: 1_000 + streamSeq,
});
export const mark = (lane: number, cursorSeq: number, replayUntil: number): LaneMark => ({
  lane,
  cursorSeq,
  replayUntil,
  streamEpoch: 1,
  cursorTimeMs: 0,
  aliveMs: 5_000,
  publishedAtMs: 0,
});

interface Bounds {
  readonly firstSeq?: number;
  readonly limit?: number;
}

/** A recovery of two lanes, and what it says that the database lost. */
export function recoveryOf(
  marks: readonly LaneMark[],
  pages: Iterable<readonly Announced[]>,
  { firstSeq = 1, limit = 1_000 }: Bounds = {},
) {
  const noticed: unknown[] = [];
  const seen = {
    pages: 0,
    sinceMs: Number.NaN,
    replayed: [] as { lanes: readonly number[]; untilSeq: number; aliveMs: number }[],
    compared: [] as number[],
    wentBack: 0,
  };
  const rows = new Map(marks.map((row) => [row.lane, row]));
  const recovery = new LostTailRecovery({
    marks: {
      read: async () => [...rows.values()],
      replay: async (lanes, lost) => {
        if (lanes.length > 0) seen.replayed.push({ lanes, ...lost });
        for (const lane of lanes)
          rows.set(lane, { ...rows.get(lane)!, replayUntil: lost.untilSeq, aliveMs: lost.aliveMs });
      },
      compared: async (titles) => void seen.compared.push(...titles.map(({ lane }) => lane)),
    },
    log: {
      lastSeq: async () => 31,
      firstSeq: async () => firstSeq,
      holds: async () => true,
      read: () => never(),
    },
    events: {
      span: async () => ({ firstSeq: 1, lastSeq: 5 }),
      async *backTo(sinceMs) {
        seen.sinceMs = sinceMs;
        for (const page of pages) {
          seen.pages++;
          yield page;
        }
      },
      newestBefore: async (beforeMs) =>
        [...pages].flat().find(({ storedMs }) => storedMs < beforeMs)?.decidedAtMs ?? null,
    },
    lanes: LANES,
    limit,
    logger: {
      error: (fields: unknown, message: string) => message !== '' && noticed.push(fields),
    } as unknown as Logger,
    wentBack: () => {
      seen.wentBack++;
    },
  });
  const move = (lane: number, change: Partial<LaneMark>) => rows.set(lane, { ...rows.get(lane)!, ...change });
  return { recovery, noticed, seen, move, pagesRead: () => seen.pages };
}
const title = { lane: 1, epoch: 2, streamEpoch: 1, cursor: { seq: 10, messageId: null, timeMs: null } };
export const taken = { ...title, published: { streamEpoch: 1, streamSeq: 10, atMs: null } };
export const lost = { streamSeq: 12, timeMs: 900, expiresAtMs: null } as Command;

const never = (): never => {
  throw new Error('nobody reads');
};
