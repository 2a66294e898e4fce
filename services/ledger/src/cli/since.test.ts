import { expect, it } from 'vitest';
import { parseSince } from './since.ts';

const NOW = Date.parse('2026-11-24T12:00:00Z');

it('takes a time with its zone of the last six days', () => {
  expect(parseSince('2026-11-24T11:00:00+03:30', NOW)).toBe(Date.parse('2026-11-24T07:30:00Z'));
  expect(parseSince('2026-11-18T12:00Z', NOW)).toBe(NOW - 6 * 86_400_000);
});

it.each([
  [undefined, /--since TIME is needed/],
  ['yesterday', /with its zone/],
  ['2026-11-24T11:00:00', /with its zone/],
  ['2026-13-24T11:00:00Z', /with its zone/],
  ['2026-11-24T12:00:01Z', /yet to come/],
  ['2026-11-18T11:59:59Z', /more than six days ago/],
])('refuses %s', (text, reason) => {
  expect(() => parseSince(text, NOW)).toThrow(reason);
});
