import { expect, test } from 'vitest';
import { lateSeconds } from './schedules.ts';

const at = (time: string) => new Date(`2026-11-23T${time}Z`);
const late = (lastStartedAt: Date, now: Date) =>
  lateSeconds('*/10 * * * *', 'Asia/Tehran', { lastStartedAt, now, graceMs: 60_000 });

test('a schedule is late once its grace is over, counted from the instant that was missed', () => {
  expect(late(at('10:00:00'), at('10:09:59'))).toBe(0);
  expect(late(at('10:00:00'), at('10:10:30'))).toBe(0);
  expect(late(at('10:00:00'), at('10:11:00'))).toBe(60);
  expect(late(at('10:00:00'), at('12:10:00'))).toBe(7_200);
  expect(late(at('10:10:00'), at('10:11:00'))).toBe(0);
});

test('the time zone decides when a day begins', () => {
  const daily = (timeZone: string) =>
    lateSeconds('0 0 * * *', timeZone, { lastStartedAt: at('00:00:01'), now: at('21:00:00'), graceMs: 0 });
  expect(daily('Asia/Tehran')).toBe(1_800); // midnight there is half past eight here
  expect(daily('UTC')).toBe(0);
});
