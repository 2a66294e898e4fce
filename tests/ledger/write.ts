import type { Transaction } from '../../services/ledger/src/domain/transaction.ts';
import type { VendorState } from '../../services/ledger/src/domain/vendor-state.ts';
import type { PgStore } from '../../services/ledger/src/store/pg-store.ts';

/** Writes rows as a ledger process would, without having decided them. Throws what the database says. */
export async function write(
  store: PgStore,
  transactions: readonly Transaction[],
  vendors: readonly VendorState[] = [],
): Promise<void> {
  try {
    const batch = await store.openBatch([], []);
    await batch.commit({ transactions, vendors, expired: [], dead: [] });
  } catch (error) {
    await store.rollback();
    throw error;
  }
}
