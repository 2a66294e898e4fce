import type { Transaction } from '../src/domain/transaction.ts';
import type { Announced } from '../src/recovery/lost-tail.ts';

interface StoredEvent extends Announced {
  readonly id: string;
  readonly hash: string;
  readonly storedMs: number;
}

/** LEDGER_EVENTS: every transaction that was announced, once, in the order in which that came. It never loses any. */
export class EventLog {
  readonly stored: StoredEvent[] = [];
  readonly #ids = new Set<string>();

  has(id: string): boolean {
    return this.#ids.has(id);
  }

  /** The stream drops a repeat by its id. */
  add(transaction: Transaction, storedMs: number): void {
    const { id, hash, vendorId, streamEpoch, streamSeq, createdAtMs: decidedAtMs } = transaction;
    if (this.#ids.has(id)) return;
    this.#ids.add(id);
    this.stored.push({ id, hash, vendorId, streamEpoch, streamSeq, decidedAtMs, storedMs });
  }

  /** When the ledger last announced anything, by the database's clock. */
  get aliveMs(): number {
    return Math.max(0, ...this.stored.map(({ decidedAtMs }) => decidedAtMs));
  }
}
