import { expect, test } from 'vitest';
import { en } from './en.ts';
import { fa } from './fa.ts';
import { localeOf } from './index.ts';

test.each([
  [undefined, 'en'],
  ['fa', 'fa'],
  ['fa-IR', 'fa'],
  ['de, fa;q=0.5', 'fa'],
  ['en;q=0.9, fa;q=0.8', 'en'],
  ['fa;q=0', 'en'],
  ['FA', 'fa'],
  ['*', 'en'],
  ['x'.repeat(1_000), 'en'],
  [';;q=,,', 'en'],
] as const)('Accept-Language %s is answered in %s', (header, locale) =>
  expect(localeOf(header)).toBe(locale),
);

test('every sentence is there in both languages, and the Persian ones are Persian', () => {
  expect(Object.keys(fa)).toEqual(Object.keys(en));
  for (const [key, sentence] of Object.entries(fa)) expect(sentence, key).toMatch(/[آ-ی]/);
});
