import { expect, test } from 'vitest';
import { lastInstant, lateSeconds } from './schedules.ts';

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

test('replicas agree on the instant, however late or early their timers are', () => {
  const instant = (time: string) => lastInstant('*/10 * * * *', 'Asia/Tehran', at(time));
  for (const time of ['10:09:59.950', '10:10:00.000', '10:10:00.007', '10:10:03.000']) {
    expect(instant(time)).toEqual(at('10:10:00'));
  }
  expect(instant('10:09:59.000')).toEqual(at('10:00:00'));
});
