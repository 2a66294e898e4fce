import { expect, test } from 'vitest';
import { UsageError } from '../../scripts/options.ts';
import { parseAbOptions } from './options.ts';
import { openVariant } from './variants.ts';

test('loads are read from their names', () => {
  expect(parseAbOptions(['--load', 'http-64x10,open-500']).loads).toEqual([
    { name: 'http-64x10', kind: 'http', connections: 64, vendors: 10 },
    { name: 'open-500', kind: 'open', rate: 500 },
  ]);
});

test.each([['http-0'], ['http-2000'], ['http-64x20000'], ['hot-64x10'], ['drain-9999999'], ['fast']])(
  'the load %s is refused',
  (load) => {
    expect(() => parseAbOptions(['--load', load])).toThrow(UsageError);
  },
);

test.each([['0'], ['21'], ['many']])('--rounds %s is refused', (rounds) => {
  expect(() => parseAbOptions(['--rounds', rounds])).toThrow(UsageError);
});

test('a variant has its own environment variables', () => {
  using variant = openVariant('b', '. NODE_OPTIONS=--a=1 --b GOGC=50');
  expect(variant.environment).toEqual({ NODE_OPTIONS: '--a=1 --b', GOGC: '50' });
});

test.each([['no-such-revision'], ['. HEAD']])('the variant %s is refused', (text) => {
  expect(() => openVariant('a', text)).toThrow(UsageError);
});
