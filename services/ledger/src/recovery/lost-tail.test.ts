import { expect, it } from 'vitest';
import { GRACE_MS, LostTail } from './lost-tail.ts';

const ALIVE = 1_000_000;

function tailOf(announced: Record<number, number>): LostTail {
  const tail = new LostTail(100, ALIVE);
  for (const [seq, decidedAtMs] of Object.entries(announced))
    tail.add({ vendorId: 7, streamEpoch: 1, streamSeq: Number(seq), decidedAtMs, storedMs: decidedAtMs });
  return tail;
}
const read = (streamSeq: number, timeMs: number, expiresAtMs: number | null = null) => ({
  streamSeq,
  timeMs,
  expiresAtMs,
});

it('what was announced is decided as of then, however long its deadline has passed', () => {
  expect(tailOf({ 5: 990_000 }).asOf(read(5, 989_999, 990_001))).toBe(990_000);
});

it('what was not announced is decided as of when it was stored, and never before what was decided before it', () => {
  const tail = tailOf({ 5: 990_000 });
  expect(tail.asOf(read(4, 980_000))).toBe(980_000);
  tail.asOf(read(5, 985_000));
  expect(tail.asOf(read(6, 986_000))).toBe(990_000);
  expect(tail.asOf(read(7, 995_000))).toBe(995_000);
});

it('whose deadline had passed while the ledger lived may have been told so: it is decided now', () => {
  expect(tailOf({}).asOf(read(5, ALIVE - 2, ALIVE))).toBeUndefined();
  expect(tailOf({}).asOf(read(5, ALIVE - 2, ALIVE + 1))).toBe(ALIVE - 2);
});

it('what was stored when the ledger was gone, and what came after all that, is decided now', () => {
  expect(tailOf({}).asOf(read(5, ALIVE + GRACE_MS))).toBe(ALIVE + GRACE_MS);
  expect(tailOf({}).asOf(read(5, ALIVE + GRACE_MS + 1))).toBeUndefined();
  expect(tailOf({ 100: 990_000 }).asOf(read(100, 991_000))).toBe(990_000);
  expect(tailOf({ 101: 990_000 }).asOf(read(101, 990_000))).toBeUndefined();
});
