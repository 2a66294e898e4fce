import { createHash } from 'node:crypto';

const sha256 = (...parts: (string | Uint8Array)[]): Buffer => {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
};
const LEAF = Uint8Array.of(0);
const NODE = Uint8Array.of(1);

/**
 * The root of a Merkle tree over texts (RFC 6962: 0x00 before a leaf, 0x01 before a node), taken one by one: memory is
 * the height of the tree.
 */
export class MerkleRoot {
  /** Complete subtrees from left to right, each smaller than the one before. */
  readonly #stack: { readonly size: number; readonly hash: Buffer }[] = [];

  add(leaf: string): void {
    let tree = { size: 1, hash: sha256(LEAF, leaf) };
    for (let left = this.#stack.at(-1); left?.size === tree.size; left = this.#stack.at(-1)) {
      this.#stack.pop();
      tree = { size: left.size * 2, hash: sha256(NODE, left.hash, tree.hash) };
    }
    this.#stack.push(tree);
  }

  /** Hex; of nothing, the hash of the empty text. */
  digest(): string {
    const trees = [...this.#stack];
    let right = trees.pop()?.hash ?? sha256('');
    while (trees.length > 0) right = sha256(NODE, trees.pop()!.hash, right);
    return right.toString('hex');
  }
}
