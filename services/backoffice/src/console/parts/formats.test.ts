import { expect, test } from 'vitest';
import { createFormats } from './formats.ts';

const now = () => Date.parse('2026-11-23T12:00:00Z');
const written = { timeZone: 'Asia/Tehran', currency: 'IRT', now };
const english = createFormats('en', written);
const persian = createFormats('fa', written);

test.each([
  ['0.00', '0'],
  ['1234567.00', '1,234,567'],
  ['1234567.50', '1,234,567.50'],
  ['9999999999999.99', '9,999,999,999,999.99'],
  ['-15.05', '-15.05'],
])('%s is written %s', (decimal, text) => expect(english.amount(decimal)).toBe(text));

test('the Toman has its name in both languages, another currency its code', () => {
  expect([english.currency, persian.currency]).toEqual(['Toman', 'تومان']);
  expect(createFormats('fa', { ...written, currency: 'XTS' }).currency).toBe('XTS');
});

test('Persian amounts have Persian digits, and times the Persian calendar', () => {
  expect(persian.amount('1234567.00')).toBe('۱٬۲۳۴٬۵۶۷');
  expect(persian.day('2026-03-21T12:00:00Z')).toContain('۱۴۰۵');
});

test('times are those of the business time zone', () => {
  expect(english.time('2026-11-23T20:45:10Z')).toBe('24 Nov, 00:15:10');
  expect(english.time('2025-11-23T20:45:10Z')).toBe('24 Nov 2025, 00:15:10');
  expect(english.clock('2026-11-23T20:45:10Z')).toBe('00:15');
});

test('the past is told in its largest unit', () => {
  expect(english.ago('2026-11-23T11:57:00Z', now())).toBe('3 minutes ago');
  expect(english.ago('2026-11-22T12:00:00Z', now())).toBe('yesterday');
  expect(english.ago('2026-11-23T12:00:00Z', now())).toBe('now');
});
