import { standingOf, walPoint } from '@b2b-charge/runtime';
import type pg from 'pg';
import { openSnapshot, type Reader, type Snapshot } from './snapshot.ts';

/** A streaming replica to take snapshots from, if it has what the primary has within `waitMs`. */
export interface Replica {
  readonly pool: pg.Pool;
  readonly waitMs: number;
}

export interface FreshSnapshot extends Snapshot {
  /** Why it was not taken from the replica; null if it was, or if there is none. */
  readonly note: string | null;
}

/** The replica gave a snapshot and did not keep it: it went away, or its replay had to go on. */
export class ReplicaLostError extends Error {
  override name = 'ReplicaLostError';
}

/**
 * A snapshot of all that the primary has by now, or later: from the replica if there is one that gets there in time, else
 * from the primary (docs/adr/0014). Of one from the replica, readers throw ReplicaLostError when it does not last.
 */
export async function openFreshSnapshot(
  { pool, replica }: { readonly pool: pg.Pool; readonly replica: Replica | null },
  count: number,
): Promise<FreshSnapshot> {
  if (!replica) return { ...(await openSnapshot(pool, count)), note: null };
  const point = await walPoint(pool);
  try {
    const snapshot = await openSnapshot(replica.pool, count, async (client) => {
      const standing = await standingOf(client, point, replica.waitMs);
      if (standing !== 'replayed') throw new Error(`it is ${standing}`);
    });
    return { ...snapshot, readers: snapshot.readers.map(ofReplica), note: null };
  } catch (error) {
    const note = `the replica was not used (${(error as Error).message}): read from the primary`;
    return { ...(await openSnapshot(pool, count)), note };
  }
}

/** Cancelled for its replay's sake (40001), ended, or out of reach: what the primary would not have said. */
const LOST = /^(40|57P|08)/;

const ofReplica = (reader: Reader): Reader => ({
  async query<R extends pg.QueryResultRow>(text: string, values?: readonly unknown[]) {
    try {
      return await reader.query<R>(text, values);
    } catch (error) {
      const code = (error as { code?: unknown }).code;
      if (typeof code === 'string' && code.length === 5 && !LOST.test(code)) throw error;
      throw new ReplicaLostError(`the replica did not hold its snapshot: ${(error as Error).message}`, {
        cause: error,
      });
    }
  },
});
