/**
 * SQLSTATEs that say "not now" rather than "not this": connection, resources, operator intervention, I/O; a replica that is
 * not promoted yet, a session ended in its transaction, a lock that somebody holds.
 */
export const NOT_NOW = /^(08|53|57|58)|^25006$|^25P03$|^55P03$/;

/** A database that is being put back is none for a while. */
const NO_DATABASE = '3D000';
/** pg words its own without a code; the last is what a roll-back gets whose connection is gone already. */
const WORDED = /timeout|terminated|Connection ended|not queryable/i;

/** Faults of the network, and of a PostgreSQL that starts, stops or is full, as it says it or a pooler: the caller may repeat. */
export function isAway(error: unknown): boolean {
  const code = (error as { code?: unknown } | null)?.code;
  if (typeof code !== 'string') return error instanceof Error && WORDED.test(error.message);
  return NOT_NOW.test(code) || code === NO_DATABASE || /^E(CONN|PIPE|HOST|NET|TIMEDOUT)/.test(code);
}
