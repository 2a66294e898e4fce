import { businessDay } from '@b2b-charge/contracts';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createStartOfDay } from './business-time.ts';

test.each([
  ['Asia/Tehran', '2026-11-23', '2026-11-22T20:30:00.000Z'],
  // Summer time, which Iran had until 2022; that day began at one o'clock.
  ['Asia/Tehran', '2022-03-22', '2022-03-21T20:30:00.000Z'],
  ['Asia/Tehran', '2022-07-01', '2022-06-30T19:30:00.000Z'],
  // The clocks went back on that day, and skipped midnight on that.
  ['Pacific/Auckland', '2005-03-20', '2005-03-19T11:00:00.000Z'],
  ['America/Sao_Paulo', '2018-11-04', '2018-11-04T03:00:00.000Z'],
  ['UTC', '2026-01-01', '2026-01-01T00:00:00.000Z'],
  ['America/New_York', '2026-07-04', '2026-07-04T04:00:00.000Z'],
])('a day of %s: %s begins at %s', (timeZone, date, start) => {
  expect(new Date(createStartOfDay(timeZone)(date)).toISOString()).toBe(start);
});

test('the first instant of a day is in it, and the one before is not', () => {
  const zones = [
    'Asia/Tehran',
    'Europe/Berlin',
    'America/New_York',
    'Asia/Kolkata',
    'Pacific/Auckland',
    'America/Sao_Paulo',
  ];
  fc.assert(
    fc.property(
      fc.constantFrom(...zones),
      fc.date({ min: new Date('1995-01-01'), max: new Date('2035-01-01'), noInvalidDate: true }),
      (zone, at) => {
        const date = at.toISOString().slice(0, 10);
        const start = createStartOfDay(zone)(date);
        expect(businessDay(start, zone)).toBe(date);
        expect(businessDay(start - 1, zone) < date).toBe(true);
      },
    ),
    { numRuns: 500 },
  );
});
