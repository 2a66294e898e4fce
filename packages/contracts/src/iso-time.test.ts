import { expect, it } from 'vitest';
import { isoTime } from './iso-time.ts';

it('an instant is written in UTC, to the millisecond, however often it is asked for', () => {
  const text = '2026-11-24T12:00:00.007Z';
  for (const ms of [Date.parse(text), Date.parse(text), 0, Date.parse(text)])
    expect(isoTime(ms)).toBe(ms === 0 ? '1970-01-01T00:00:00.000Z' : text);
});
