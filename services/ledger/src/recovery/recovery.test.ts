import { describe, expect, it } from 'vitest';
import { event, lost, mark, ONE, OTHER, recoveryOf, taken } from '../../simulator/given-recovery.ts';
import type { LaneMark } from './lane-marks.ts';
import type { Announced } from './lost-tail.ts';
import { GapInLogError } from './recovery.ts';

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

describe('a database that lost what was announced', () => {
  const marks = [mark(0, 10, 0), mark(1, 10, 0)];
  const pages = [[event(ONE, 12), event(OTHER, 13)], [event(OTHER, 11)]];

  it('is reported once, and every lane of it is marked, up to the end of the log', async () => {
    const { recovery, noticed, seen } = recoveryOf(marks, pages);
    await recovery.compare([taken]);
    expect(seen).toMatchObject({ wentBack: 1, compared: [1] });
    expect(seen.replayed).toEqual([{ lanes: [0, 1], untilSeq: 31, aliveMs: 1_013 }]);
    expect(noticed).toEqual([{ outcomes: 2 }]);
  });

  it('is read back behind a page on which lost events and older ones stand together', async () => {
    const old = { ...event(ONE, 9), storedMs: -10_000 };
    const { recovery } = recoveryOf(marks, [[event(OTHER, 13), old], [event(OTHER, 11)]]);
    await recovery.compare([taken]);
    expect(recovery.asOf(1, { ...lost, streamSeq: 11 })).toBe(1_011);
  });

  it('is decided again by the owners of its lanes: nobody holds the tail of another’s', async () => {
    const { recovery } = recoveryOf(marks, pages);
    await recovery.compare([taken]);
    expect(recovery.asOf(0, lost)).toBeUndefined();
  });

  it('is behind its lanes when they have passed the end, and not before', async () => {
    const { recovery } = recoveryOf(marks, pages);
    await recovery.compare([taken]);
    recovery.passed(0, 31);
    recovery.passed(1, 30);
    expect(recovery.asOf(1, lost)).toBe(900);
    recovery.passed(1, 31);
    expect(recovery.asOf(1, lost)).toBeUndefined();
  });

  it('is forgotten by a lane that is acquired again behind it', async () => {
    const { recovery, move } = recoveryOf(marks, pages);
    await recovery.compare([taken]);
    for (const lane of [0, 1]) move(lane, { cursorSeq: 31 });
    await recovery.compare([taken]);
    expect(recovery.asOf(1, lost)).toBeUndefined();
  });

  it('is refused if the log does not hold every command behind the cursor any more', async () => {
    const { recovery, seen } = recoveryOf(marks, pages, { firstSeq: 12 });
    const compare = recovery.compare([taken]);
    await expect(compare).rejects.toThrow(GapInLogError);
    await expect(compare).rejects.toMatchObject({ name: 'GapInLogError' });
    await expect(compare).rejects.toThrow(/lane 0 .*up to 10 .*begins at 12.*restore a later state/);
    expect(seen).toMatchObject({ replayed: [], compared: [] });
  });

  it.each([
    ['begins right behind the cursor', marks, 11],
    ['lacks commands of a lane that lost nothing alone', [mark(0, 9, 0), mark(1, 10, 0)], 11],
  ])('is decided again if the log %s', async (_, rows, firstSeq) => {
    const { recovery } = recoveryOf(rows, [[event(OTHER, 13)]], { firstSeq });
    await recovery.compare([taken]);
    expect(recovery.asOf(1, { ...lost, streamSeq: 13 })).toBe(1_013);
  });

  it('of more outcomes than may be held in memory stops the ledger', async () => {
    await recoveryOf(marks, pages, { limit: 3 }).recovery.compare([taken]);
    const { recovery, seen } = recoveryOf(marks, pages, { limit: 2 });
    await expect(recovery.compare([taken])).rejects.toThrow('more than 2 announced outcomes');
    expect(seen.replayed).toEqual([]);
  });
});

describe('a database that lost nothing', () => {
  it.each<[string, LaneMark[], Announced[]]>([
    [
      'has the announced commands at or before its cursors',
      [mark(0, 12, 0), mark(1, 12, 0)],
      [event(OTHER, 12)],
    ],
    [
      'ignores events of another epoch of the log',
      [mark(1, 10, 0)],
      [{ ...event(OTHER, 12), streamEpoch: 2 }],
    ],
    ['ignores events of a lane that it does not have', [mark(1, 10, 0)], [event(ONE, 12)]],
  ])('%s', async (_, marks, page) => {
    const { recovery, noticed, seen } = recoveryOf(marks, [page]);
    await recovery.compare([taken]);
    expect(seen).toMatchObject({ wentBack: 0, replayed: [], compared: [1] });
    expect(noticed).toEqual([]);
    expect(recovery.asOf(1, lost)).toBeUndefined();
  });
});

describe('a lost tail that is marked already', () => {
  const page = [event(OTHER, 20), event(OTHER, 12)];
  it.each([
    ['is not marked again while its lanes are within it', page, []],
    ['is marked anew once something behind it is lost, too', [event(OTHER, 21), ...page], [[0, 1]]],
  ])('%s', async (_, announced, marked) => {
    const { recovery, seen } = recoveryOf([mark(0, 10, 20), mark(1, 10, 20)], [announced]);
    await recovery.compare([taken]);
    expect(seen.replayed.map(({ lanes }) => lanes)).toEqual(marked);
    expect(recovery.asOf(1, lost)).toBe(1_012);
  });

  it('without an announced outcome is decided as of when it was stored, and is nothing to report', async () => {
    const { recovery, noticed, seen } = recoveryOf([mark(0, 10, 20), mark(1, 10, 20)], [[]]);
    await recovery.compare([taken]);
    expect(recovery.asOf(1, lost)).toBe(900);
    expect(seen.wentBack).toBe(0);
    expect(noticed).toEqual([]);
  });

  it('is over where the cursor has reached its end', async () => {
    const { recovery } = recoveryOf([mark(0, 20, 20), mark(1, 20, 20)], [[]]);
    await recovery.compare([taken]);
    expect(recovery.asOf(1, { ...lost, streamSeq: 20 })).toBeUndefined();
  });
});

describe('events are read back', () => {
  const at = (cursorTimeMs: number, one: LaneMark): LaneMark => ({ ...one, cursorTimeMs });
  const marks = [at(100_000, mark(0, 10, 0)), at(50_000, mark(1, 10, 0))];
  const storedAt = (...times: number[]) => times.map((storedMs) => ({ ...event(ONE, 2), storedMs }));
  const tail = [event(OTHER, 12)];

  it.each([
    ['the clocks of the cluster differ by a second at most', marks, storedAt(99_000), 2],
    ['an event older than the newest decided command ends it', marks, storedAt(98_999), 1],
    ['one such event on a page is enough', marks, storedAt(100_500, 98_999), 1],
    [
      'a lane that is not through with a lost tail may hide more behind any number of pages',
      [marks[0]!, { ...marks[1]!, replayUntil: 20 }],
      storedAt(98_999),
      2,
    ],
    [
      'a lane that is through with its lost tail hides nothing',
      marks.map((one) => ({ ...one, replayUntil: 10 })),
      storedAt(98_999),
      1,
    ],
  ])('until one is older than all that may be lost: %s', async (_, rows, first, pages) => {
    const { recovery, pagesRead } = recoveryOf(rows, [first, tail]);
    await recovery.compare([taken]);
    expect(pagesRead()).toBe(pages);
  });

  it.each([
    ['ten seconds before the oldest published mark', [100_000, 200_000], 90_000],
    ['the beginning, if a lane has published nothing', [0, 200_000], 0],
  ])('as far as %s', async (_, [one, other], sinceMs) => {
    const published = [
      { ...mark(0, 10, 0), publishedAtMs: one! },
      { ...mark(1, 10, 0), publishedAtMs: other! },
    ];
    const { recovery, seen } = recoveryOf(published, []);
    await recovery.compare([taken]);
    expect(seen.sinceMs).toBe(sinceMs);
  });
});

describe('a log that was rolled back to a cursor was announced up to', () => {
  const NOON = Date.parse('2026-11-24T12:00:00Z');
  const pages = [[{ ...event(OTHER, 12), storedMs: NOON - 1, decidedAtMs: NOON - 5 }]];
  it.each<[string, number | null, number]>([
    ['the newest event stored before the cursor’s command', NOON, NOON - 5],
    ['six days before it, if no event is as old', NOON - 1, NOON - 1 - 6 * 86_400_000],
    ['the beginning, if the cursor has no time', null, 0],
  ])('%s', async (_, timeMs, announcedMs) => {
    const { recovery } = recoveryOf([mark(0, 10, 0), mark(1, 10, 0)], pages);
    expect(await recovery.announcedBefore({ seq: 10, messageId: null, timeMs })).toBe(announcedMs);
  });
});
