import { createPool, databaseFrom } from '@b2b-charge/runtime';
import type { Replica } from '../audit/fresh-snapshot.ts';
import type { ReconcilerConfig } from '../config.ts';

/** The configured replica, if there is one; its pool is the caller's to end. */
export function openReplica(config: ReconcilerConfig, applicationName: string): Replica | null {
  const url = config.REPLICA_DATABASE_URL;
  if (!url) return null;
  return {
    pool: createPool({ ...databaseFrom(config), applicationName, url, pooled: false, balanced: true }),
    waitMs: config.REPLICA_WAIT_MS,
  };
}
