import type { Timetable } from '../../bench/load/plan.ts';
import { BURST, HOURS, rateAt } from './day.ts';

const TICK_MS = 50;
const TICKS_PER_SECOND = 1_000 / TICK_MS;
const NOON = 12;
/** Noon's burst is a minute of its hour; of a compressed day at least a whole second. */
const BURST_SHARE = 1 / 60;

/** A day's charges compressed into some seconds: the curve, and the burst at noon. */
export function timetable(total: number, seconds: number): Timetable {
  const ticks = Math.round(seconds * TICKS_PER_SECOND);
  const burstHours = Math.max(BURST_SHARE, (TICKS_PER_SECOND * HOURS.length) / ticks);
  const parts = Array.from({ length: ticks }, (_, tick) => {
    const hour = (tick / ticks) * HOURS.length;
    return rateAt(hour) * (hour >= NOON && hour < NOON + burstHours ? BURST : 1);
  });
  const sum = parts.reduce((all, part) => all + part, 0);
  let [carried, given] = [0, 0];
  const counts = parts.map((part) => {
    carried += (part / sum) * total;
    const count = Math.round(carried) - given;
    given += count;
    return count;
  });
  return { tickMs: TICK_MS, counts };
}

export function busiestSecond({ counts }: Timetable): number {
  const sums = counts.map((_, at) =>
    counts.slice(at, at + TICKS_PER_SECOND).reduce((sum, one) => sum + one, 0),
  );
  return Math.max(...sums);
}
