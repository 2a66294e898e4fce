import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { keyOf, newSecret, seal, unseal } from './seal.ts';

const [key, other] = [randomBytes(32), randomBytes(32)];

test('what was sealed opens with its key, also when that is no longer the first', () => {
  const secret = newSecret();
  const sealed = seal(secret, 7, [key]);
  expect(unseal(sealed, 7, [key])).toBe(secret);
  expect(unseal(sealed, 7, [other, key])).toBe(secret);
  expect(keyOf(secret)).toHaveLength(32);
});

test('another key, another endpoint, a changed byte: it does not open', () => {
  const sealed = seal(newSecret(), 7, [key]);
  expect(() => unseal(sealed, 7, [other])).toThrow('no key');
  expect(() => unseal(sealed, 8, [key])).toThrow('no key');
  for (const place of [0, 12, sealed.length - 1]) {
    const changed = Buffer.from(sealed);
    changed[place]! ^= 1;
    expect(() => unseal(changed, 7, [key])).toThrow('no key');
  }
});

test('no two seals and no two secrets are alike', () => {
  const secret = newSecret();
  expect(seal(secret, 7, [key]).equals(seal(secret, 7, [key]))).toBe(false);
  expect(newSecret()).not.toBe(secret);
});
