import type { Cursor } from '../process/ports.ts';

/**
 * Where the cursors of the lanes of this process stand in the database, by what it read or committed last: part of the
 * fence (docs/adr/0015). The cursors of idle lanes run ahead of it in memory until they are renewed.
 */
export class StoredCursors {
  readonly #seqs = new Map<number, number>();

  clear(): void {
    this.#seqs.clear();
  }

  /** Lanes that were claimed, or whose move is committed. */
  put(lanes: readonly { readonly lane: number; readonly cursor: Cursor }[]): void {
    for (const { lane, cursor } of lanes) this.#seqs.set(lane, cursor.seq);
  }

  /** -1, which no row has, for a lane that is not known. */
  of(lane: number): number {
    return this.#seqs.get(lane) ?? -1;
  }
}
