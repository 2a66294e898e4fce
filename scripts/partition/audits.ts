import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import { PartitionError } from './state.ts';

const EVERY_MS = 200;

/** An audit under way, wherever it reads: its snapshot, of a replica perhaps, may be older than the parts' last rows. */
async function running(db: pg.ClientBase): Promise<string | null> {
  const { rows } = await db.query<{ run_id: string; started_by: string }>(
    "SELECT run_id, started_by FROM reconciler.runs WHERE status = 'running' ORDER BY run_id DESC LIMIT 1",
  );
  return rows[0] ? `${rows[0].run_id}, begun by ${rows[0].started_by}` : null;
}

/** Throws PartitionError. Behind a lock on the fence of the audits none can begin any more. */
export async function refuseAudits(db: pg.ClientBase): Promise<void> {
  const audit = await running(db);
  if (audit !== null)
    throw new PartitionError(
      `audit ${audit}, runs: when it is over, or if it died after the next one, run this again`,
    );
}

/** Audits are short and come often: waits for the end of one, so that the standstill seldom finds any. */
export async function waitForAudits(db: pg.ClientBase, withinMs: number): Promise<void> {
  const deadline = Date.now() + withinMs;
  while ((await running(db)) !== null && Date.now() < deadline) await sleep(EVERY_MS);
}
