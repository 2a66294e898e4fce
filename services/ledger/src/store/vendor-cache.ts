import type { VendorId } from '@b2b-charge/contracts';
import type { VendorState } from '../domain/vendor-state.ts';

/** States kept in memory; the longest unused goes first. About 400 bytes each. */
const LIMIT = 100_000;

/**
 * The states of vendors on lanes that this process owns. Nobody else writes them while the lane's epoch stands, which
 * the fence of every batch proves: so what was committed last is what a new read would find, and reading it again, with
 * its row locks, was a third of PostgreSQL's work (docs/adr/0006). Were a state wrong after all, the database would
 * refuse the batch: its first transaction would not continue the vendor's chain.
 */
export class VendorCache {
  readonly #states = new Map<VendorId, { readonly epoch: number; readonly state: VendorState }>();

  readonly counts = { hits: 0, misses: 0 };

  /** The state, if it was put under this epoch of its lane. */
  get(vendorId: VendorId, epoch: number): VendorState | undefined {
    const entry = this.#states.get(vendorId);
    if (entry?.epoch !== epoch) {
      this.counts.misses++;
      return undefined;
    }
    this.counts.hits++;
    return entry.state;
  }

  put(state: VendorState, epoch: number): void {
    this.#states.delete(state.vendorId);
    this.#states.set(state.vendorId, { epoch, state });
    if (this.#states.size > LIMIT) this.#states.delete(this.#states.keys().next().value!);
  }

  /** After anything that failed, what is known is what the database says. */
  clear(): void {
    this.#states.clear();
  }
}
