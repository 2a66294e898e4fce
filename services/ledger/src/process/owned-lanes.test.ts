import { describe, expect, it } from 'vitest';
import { command, credit } from '../../simulator/given.ts';
import type { LogEntry } from '../domain/command.ts';
import { OwnedLanes } from './owned-lanes.ts';
import type { LaneTitle } from './ports.ts';

const title = (lane: number, change: Partial<LaneTitle> = {}): LaneTitle => ({
  lane,
  epoch: 10 + lane,
  streamEpoch: 1,
  cursor: { seq: 0, messageId: null, timeMs: null },
  published: { streamEpoch: 1, streamSeq: 0, atMs: null },
  ...change,
});

const entry = (lane: number, streamSeq: number, streamEpoch = 1): LogEntry => ({
  ...command({ request: credit('1.00'), key: `m-${streamSeq}`, streamSeq, streamEpoch }),
  lane,
});

function lanesWith(...titles: LaneTitle[]): OwnedLanes {
  const owned = new OwnedLanes();
  for (const each of titles) owned.set(each);
  return owned;
}

const seqs = (entries: readonly LogEntry[]) => entries.map(({ streamSeq }) => streamSeq);

describe('what was read', () => {
  it('is taken in the order of the log, up to the limit', () => {
    const owned = lanesWith(title(0), title(1));
    for (const [lane, seq] of [
      [0, 1],
      [1, 2],
      [0, 3],
      [1, 4],
    ] as const)
      void owned.push(entry(lane, seq));
    expect(seqs(owned.take(3))).toEqual([1, 2, 3]);
    expect(owned.waiting).toBe(1);
    expect(seqs(owned.take(3))).toEqual([4]);
    expect(owned.take(3)).toEqual([]);
  });

  it('of a lane that is let go is forgotten, that of the others is not', () => {
    const owned = lanesWith(title(0), title(1));
    for (const [lane, seq] of [
      [0, 1],
      [1, 2],
      [0, 3],
      [1, 4],
    ] as const)
      void owned.push(entry(lane, seq));
    owned.take(1);
    owned.remove(0);
    expect(seqs(owned.take(9))).toEqual([2, 4]);
    expect(owned.get(0)).toBeUndefined();
  });

  it('holds its reader up when there is too much of it, and lets it go on when half is taken', async () => {
    const owned = lanesWith(title(0));
    let seq = 0;
    let full: Promise<void> | undefined;
    while (!full) full = owned.push(entry(0, ++seq));
    expect(seq).toBe(2_048);
    let goesOn = false;
    void full.then(() => {
      goesOn = true;
    });
    owned.take(1_024);
    await Promise.resolve();
    expect(goesOn).toBe(false);
    owned.take(1);
    await Promise.resolve();
    expect(goesOn).toBe(true);
  });

  it.each([
    ['everything is forgotten', (owned: OwnedLanes) => owned.discard()],
    ['its lane is let go', (owned: OwnedLanes) => owned.remove(0)],
  ])('lets its reader go on when %s', async (_, forget) => {
    const owned = lanesWith(title(0));
    let full: Promise<void> | undefined;
    for (let seq = 1; !full; seq++) full = owned.push(entry(0, seq));
    forget(owned);
    await expect(full).resolves.toBeUndefined();
    expect(owned.waiting).toBe(0);
  });

  it('wakes whoever waits for it', async () => {
    const owned = lanesWith(title(0));
    const arrival = owned.arrival();
    void owned.push(entry(0, 1));
    await expect(arrival).resolves.toBeUndefined();
    await expect(owned.arrival()).resolves.toBeUndefined();
  });
});

describe('the cursors that a batch moves', () => {
  it('are those of its lanes, to the last entry of each, under the epoch of each', () => {
    const owned = lanesWith(title(0), title(1), title(2));
    const batch = [entry(0, 1), entry(1, 2), entry(0, 3)];
    expect(owned.movesOf(batch)).toEqual([
      { lane: 0, epoch: 10, cursor: { seq: 3, messageId: 'm-3', timeMs: batch[2]!.timeMs } },
      { lane: 1, epoch: 11, cursor: { seq: 2, messageId: 'm-2', timeMs: batch[1]!.timeMs } },
    ]);
  });

  it.each([
    ['a lane is not owned any more', lanesWith(title(0))],
    ['a lane is read again under another stream epoch', lanesWith(title(0), title(1, { streamEpoch: 2 }))],
  ])('are none if %s', (_, owned) => {
    expect(owned.movesOf([entry(0, 1), entry(1, 2)])).toBeNull();
  });

  it('stand there when it is committed', () => {
    const owned = lanesWith(title(0), title(1));
    owned.moved(owned.movesOf([entry(0, 1), entry(0, 3)])!);
    expect(owned.get(0)?.cursor.seq).toBe(3);
    expect(owned.get(1)?.cursor.seq).toBe(0);
  });

  it('of idle lanes follow, and never go back', () => {
    const ahead = { seq: 9, messageId: 'm-9', timeMs: 9 };
    const owned = lanesWith(title(0), title(1, { cursor: ahead }));
    owned.allDecidedTo({ seq: 5, messageId: 'm-5', timeMs: 5 });
    expect(owned.get(0)?.cursor.seq).toBe(5);
    expect(owned.get(1)?.cursor).toEqual(ahead);
  });
});
