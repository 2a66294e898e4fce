import type pg from 'pg';

const BATCH = 10_000;

/** Forgets reports older than their retention, and heads that newer ones replaced before theirs. */
export async function applyRetention(
  pool: pg.Pool,
  { reportDays, historyDays }: { reportDays: number; historyDays: number },
): Promise<void> {
  await pool.query(
    `DELETE FROM reconciler.runs WHERE run_id IN (
       SELECT run_id FROM reconciler.runs
       WHERE started_at < now() - $1 * interval '1 day' AND status <> 'running' ORDER BY run_id LIMIT 1000)`,
    [reportDays],
  );
  await pool.query(
    `DELETE FROM reconciler.heads WHERE (vendor_id, checkpoint_id) IN (
       SELECT h.vendor_id, h.checkpoint_id FROM reconciler.heads h
       JOIN reconciler.checkpoints c USING (checkpoint_id)
       WHERE c.taken_at < now() - $1 * interval '1 day'
         AND EXISTS (SELECT FROM reconciler.heads n
           WHERE n.vendor_id = h.vendor_id AND n.checkpoint_id > h.checkpoint_id) LIMIT ${BATCH})`,
    // A day more than is audited, so that no full audit misses what is being removed.
    [historyDays + 1],
  );
}
