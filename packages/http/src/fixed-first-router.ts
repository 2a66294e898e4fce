import type { Result, Router } from 'hono/router';
import { TrieRouter } from 'hono/router/trie-router';

const ANY_METHOD = 'ALL';

/**
 * A router for Hono that finds paths without parameters by one look into a map, and leaves the others to a trie. Of
 * several handlers on a fixed path only that of the method runs, or else the one for any method.
 */
export class FixedFirstRouter<T> implements Router<T> {
  name = 'FixedFirstRouter';
  readonly #fixed = new Map<string, Map<string, Result<T>>>();
  readonly #trie = new TrieRouter<T>();

  add(method: string, path: string, handler: T): void {
    if (/[:*]/.test(path)) {
      this.#trie.add(method, path, handler);
      return;
    }
    const paths = this.#fixed.get(method) ?? new Map<string, Result<T>>();
    this.#fixed.set(method, paths.set(path, [[[handler, {}]]]));
  }

  match(method: string, path: string): Result<T> {
    return (
      this.#fixed.get(method)?.get(path) ??
      this.#fixed.get(ANY_METHOD)?.get(path) ??
      this.#trie.match(method, path)
    );
  }
}
