import { expect, test } from 'vitest';
import { hashPassword, verifyPassword } from './passwords.ts';

test('a password verifies against its own hash only, and two hashes of it differ', async () => {
  const [first, second] = await Promise.all([hashPassword('correct horse'), hashPassword('correct horse')]);
  expect(first).not.toBe(second);
  expect(first).toMatch(/^scrypt\$32768\$8\$3\$/);
  expect(await verifyPassword('correct horse', first)).toBe(true);
  expect(await verifyPassword('correct horsf', first)).toBe(false);
});

test('a hash of an earlier cost still verifies', async () => {
  // Made with node:crypto's scryptSync('older', 'saltsaltsaltsalt', 32, { N: 1024, r: 8, p: 1 }).
  const { scryptSync } = await import('node:crypto');
  const salt = Buffer.from('saltsaltsaltsalt');
  const key = scryptSync('older', salt, 32, { N: 1024, r: 8, p: 1 });
  const stored = `scrypt$1024$8$1$${salt.toString('base64url')}$${key.toString('base64url')}`;
  expect(await verifyPassword('older', stored)).toBe(true);
  expect(await verifyPassword('newer', stored)).toBe(false);
});

test('the same characters in another encoding are the same password', async () => {
  expect(await verifyPassword('cafe\u0301 au lait', await hashPassword('caf\u00e9 au lait'))).toBe(true);
});

test.each([null, '', 'scrypt$', 'plain text', 'scrypt$32768$8$3$short$short'])(
  'nothing verifies against %j',
  async (stored) => expect(await verifyPassword('', stored)).toBe(false),
);
