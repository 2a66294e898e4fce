import { NOT_NOW } from '@b2b-charge/runtime';

/** The database is out of reach, or the connection broke: whether the last commit stands is unknown. */
export class StoreUnavailableError extends Error {
  override name = 'StoreUnavailableError';
}

/** Another process owns one of the batch's lanes by now; nothing was written. */
export class DeposedError extends Error {
  override name = 'DeposedError';
}

/** A statement took longer than it may. Of many commands fewer may do; that a single one does says nothing against it. */
export class TooSlowError extends Error {
  override name = 'TooSlowError';
}

const QUERY_CANCELED = '57014';

/** Sorts an error of pg: StoreUnavailableError for "not now", TooSlowError for a time-out, else the error itself. */
export function sortError(error: unknown): unknown {
  const code = (error as { code?: unknown }).code;
  if (typeof code !== 'string' || code.length !== 5) {
    return new StoreUnavailableError('the database connection failed', { cause: error });
  }
  if (code === QUERY_CANCELED) return new TooSlowError('the database took too long', { cause: error });
  return NOT_NOW.test(code)
    ? new StoreUnavailableError(`the database said ${code}`, { cause: error })
    : error;
}
