import { expect, test } from 'vitest';
import { hashPassword, MAX_PASSWORD_COST, PASSWORD_COST, verifyPassword } from './passwords.ts';

/** The quickest cost that a back office accepts. */
const QUICK = 10;

test('a password verifies against its own hash only, and two hashes of it differ', async () => {
  const [first, second] = await Promise.all([
    hashPassword('correct horse', QUICK),
    hashPassword('correct horse', QUICK),
  ]);
  expect(first).not.toBe(second);
  expect(await verifyPassword('correct horse', first, QUICK)).toBe(true);
  expect(await verifyPassword('correct horsf', first, QUICK)).toBe(false);
});

test.each([
  [PASSWORD_COST, /^scrypt\$32768\$8\$3\$/],
  [MAX_PASSWORD_COST, /^scrypt\$65536\$8\$3\$/],
])('a hash of cost %i names its cost and verifies, whatever the cost is today', async (cost, start) => {
  const stored = await hashPassword('correct horse', cost);
  expect(stored).toMatch(start);
  expect(await verifyPassword('correct horse', stored, QUICK)).toBe(true);
});

test('a hash of an earlier cost still verifies', async () => {
  // Made with node:crypto's scryptSync('older', 'saltsaltsaltsalt', 32, { N: 1024, r: 8, p: 1 }).
  const { scryptSync } = await import('node:crypto');
  const salt = Buffer.from('saltsaltsaltsalt');
  const key = scryptSync('older', salt, 32, { N: 1024, r: 8, p: 1 });
  const stored = `scrypt$1024$8$1$${salt.toString('base64url')}$${key.toString('base64url')}`;
  expect(await verifyPassword('older', stored, PASSWORD_COST)).toBe(true);
  expect(await verifyPassword('newer', stored, PASSWORD_COST)).toBe(false);
});

test('the same characters in another encoding are the same password', async () => {
  const stored = await hashPassword('caf\u00e9 au lait', QUICK);
  expect(await verifyPassword('cafe\u0301 au lait', stored, QUICK)).toBe(true);
});

test.each([null, '', 'scrypt$', 'plain text', 'scrypt$32768$8$3$short$short'])(
  'nothing verifies against %j',
  async (stored) => expect(await verifyPassword('', stored, QUICK)).toBe(false),
);

test('a name without a password takes as long as one with a password', async () => {
  const stored = await hashPassword('another horse', QUICK);
  const timeOf = async (hash: string | null) => {
    const startedAt = performance.now();
    await verifyPassword('correct horse', hash, QUICK);
    return performance.now() - startedAt;
  };
  let [known, unknown] = [Infinity, Infinity];
  // In turns, so that what else the machine does slows both.
  for (let round = 0; round < 20; round++) {
    known = Math.min(known, await timeOf(stored));
    unknown = Math.min(unknown, await timeOf(null));
  }
  expect(unknown).toBeGreaterThan(known / 4);
  expect(unknown).toBeLessThan(known * 4);
});
