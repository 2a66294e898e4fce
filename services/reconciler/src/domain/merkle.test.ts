import { hash } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { MerkleRoot } from './merkle.ts';

const rootOf = (leaves: readonly string[]): string => {
  const tree = new MerkleRoot();
  for (const leaf of leaves) tree.add(leaf);
  return tree.digest();
};

/** RFC 6962, section 2.1, word for word. */
function byTheBook(leaves: readonly string[]): string {
  const sha = (...parts: Uint8Array[]) => hash('sha256', Buffer.concat(parts), 'hex');
  if (leaves.length === 0) return sha(Buffer.from(''));
  if (leaves.length === 1) return sha(Uint8Array.of(0), Buffer.from(leaves[0]!));
  let split = 1;
  while (split * 2 < leaves.length) split *= 2;
  const [left, right] = [byTheBook(leaves.slice(0, split)), byTheBook(leaves.slice(split))];
  return sha(Uint8Array.of(1), Buffer.from(left, 'hex'), Buffer.from(right, 'hex'));
}

test('the root taken leaf by leaf is that of RFC 6962', () => {
  fc.assert(
    fc.property(fc.array(fc.string(), { maxLength: 40 }), (leaves) => {
      expect(rootOf(leaves)).toBe(byTheBook(leaves));
    }),
  );
});

test('any changed, missing, added or moved leaf changes the root', () => {
  const leaves = ['a', 'b', 'c', 'd', 'e'];
  const roots = [
    leaves,
    ['a', 'b', 'c', 'd', 'x'],
    ['a', 'b', 'c', 'd'],
    [...leaves, 'e'],
    ['b', 'a', 'c', 'd', 'e'],
  ].map(rootOf);
  expect(new Set(roots).size).toBe(roots.length);
});
