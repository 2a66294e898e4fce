import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { Seal } from './seal.ts';

const secret = randomBytes(32);
const seal = new Seal(secret);
const sealed = seal.close('outcome:7:key', '{"amount":"100.00"}');

test('what was sealed opens under the same key and secret', () => {
  expect(seal.open('outcome:7:key', sealed)).toBe('{"amount":"100.00"}');
  expect(new Seal(secret).open('outcome:7:key', sealed)).toBe('{"amount":"100.00"}');
  expect(seal.open('k', seal.close('k', ''))).toBe('');
});

test.each([
  ['another vendor', 'outcome:8:key', sealed],
  ['another message id', 'outcome:7:other', sealed],
  ['other content', 'outcome:7:key', sealed.replace('100', '200')],
  ['a part of the key moved into the content', 'outcome:7', sealed],
  ['no MAC', 'outcome:7:key', '{"amount":"100.00"}'],
  ['nothing', 'outcome:7:key', ''],
  ['a MAC beyond ASCII', 'outcome:7:key', `${'é'.repeat(43)} {}`],
  ['a MAC of another secret', 'outcome:7:key', new Seal(randomBytes(32)).close('outcome:7:key', '{}')],
])('%s does not open', (_name, key, text) => {
  expect(seal.open(key, text)).toBeNull();
});
