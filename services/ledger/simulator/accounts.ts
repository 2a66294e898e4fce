import type { Callers } from './callers.ts';
import type { Database } from './database.ts';
import type { StoredMessage } from './stream.ts';

/** Whether a message of the log has come to something: an outcome under its key, an expiry or a dead letter. */
export function accounts(database: Database, callers: Callers): (message: StoredMessage) => boolean {
  const unexecuted = new Set(database.unexecuted.map(({ publication }) => publication));
  return ({ publication: { name } }) => {
    const { errand } = callers.sendings.get(name)!;
    if (unexecuted.has(name)) return true;
    return !errand.spoilt && database.books.outcome(errand.vendorId, errand.key) !== undefined;
  };
}
