import { describe, expect, it } from 'vitest';
import { businessDay } from './business-day.ts';

const MIDNIGHT_IN_TEHRAN = Date.parse('2026-11-24T20:30:00Z');

describe('the business day', () => {
  it.each([
    ['the last millisecond of a day', MIDNIGHT_IN_TEHRAN - 1, 'Asia/Tehran', '2026-11-24'],
    ['the first millisecond of the next', MIDNIGHT_IN_TEHRAN, 'Asia/Tehran', '2026-11-25'],
    ['the same instant elsewhere', MIDNIGHT_IN_TEHRAN, 'UTC', '2026-11-24'],
    ['one-digit months and days', Date.parse('2027-03-05T12:00:00Z'), 'Asia/Tehran', '2027-03-05'],
    ['a leap day', Date.parse('2028-02-29T12:00:00Z'), 'Asia/Tehran', '2028-02-29'],
    ['the last minute of the year', Date.parse('2026-12-31T20:29:59Z'), 'Asia/Tehran', '2026-12-31'],
    [
      'a zone whose offset is a quarter of an hour',
      Date.parse('2026-11-24T18:15:00Z'),
      'Asia/Kathmandu',
      '2026-11-25',
    ],
    [
      'an hour that a change of clocks repeats',
      Date.parse('2026-10-25T00:30:00Z'),
      'Europe/Berlin',
      '2026-10-25',
    ],
  ])('of %s', (_, atMs, timeZone, day) => {
    expect(businessDay(atMs, timeZone)).toBe(day);
  });

  it('is asked for in any order of instants and zones', () => {
    const calls: [number, string, string][] = [
      [MIDNIGHT_IN_TEHRAN - 1, 'Asia/Tehran', '2026-11-24'],
      [MIDNIGHT_IN_TEHRAN, 'Asia/Tehran', '2026-11-25'],
      [MIDNIGHT_IN_TEHRAN, 'UTC', '2026-11-24'],
      [MIDNIGHT_IN_TEHRAN + 1, 'Asia/Tehran', '2026-11-25'],
      [MIDNIGHT_IN_TEHRAN + 86_400_000, 'Asia/Tehran', '2026-11-26'],
      [MIDNIGHT_IN_TEHRAN - 1, 'Asia/Tehran', '2026-11-24'],
    ];
    for (const [atMs, timeZone, day] of calls) expect(businessDay(atMs, timeZone)).toBe(day);
  });

  it('is none in a zone that does not exist', () => {
    expect(() => businessDay(MIDNIGHT_IN_TEHRAN, 'Mars/Olympus')).toThrow(RangeError);
  });
});
